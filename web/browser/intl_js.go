package browser

import (
	"maps"
	"strings"
	"syscall/js"
	"time"
)

// What Intl makes, made once: making one takes much longer than using it. Another
// language begins anew.
var (
	locale      js.Value            // what the language and the system's region make together
	times       map[string]js.Value // DateTimeFormat by format and time zone
	numbers     map[int]js.Value    // NumberFormat by digits behind the point
	plurals     js.Value            // PluralRules
	smallNumber [1000]string        // as written
	written     map[moment]string   // times that were written lately: a row is drawn more often than its date changes
)

// moment is a time to be written.
type moment struct {
	zone, format string
	at           int64 // Unix milliseconds
}

// maxWritten is how many times are remembered: the dates of a few thousand rows.
const maxWritten = 8000

func init() { writeAs(document.Get("documentElement").Get("lang").String()) }

// writeAs has dates and numbers written in a language, as the region of the system has
// it: of German as in Austria where that is what the system speaks.
func writeAs(language string) {
	intl := window.Get("Intl")
	times, numbers, smallNumber = map[string]js.Value{}, map[int]js.Value{}, [1000]string{}
	written = map[moment]string{}
	locale = intl.Get("Locale").New(language)
	system := SystemLanguages()
	for _, tag := range system {
		if base, _, _ := strings.Cut(tag, "-"); strings.EqualFold(base, language) {
			locale = intl.Get("Locale").New(tag)
			break
		}
	}
	if locale.Get("region").IsUndefined() && len(system) > 0 {
		defer func() { _ = recover() }() // a system language that Intl does not know says no region
		region := intl.Get("Locale").New(system[0]).Call("maximize").Get("region")
		locale = intl.Get("Locale").New(language, map[string]any{"region": region})
	}
	plurals = intl.Get("PluralRules").New(locale)
}

var formatOptions = map[string]map[string]any{
	FormatTime:    {"hour": "numeric", "minute": "2-digit"},
	FormatDay:     {"day": "numeric", "month": "short"},
	FormatDate:    {"day": "numeric", "month": "short", "year": "numeric"},
	FormatLong:    {"weekday": "short", "day": "numeric", "month": "short", "year": "numeric", "hour": "numeric", "minute": "2-digit"},
	FormatFullDay: {"dateStyle": "full"},
	FormatWhole:   {"dateStyle": "full", "timeStyle": "short"},

	FormatWeekday:   {"weekday": "long"},
	FormatMonth:     {"month": "long"},
	FormatMonthYear: {"month": "long", "year": "numeric"},
}

// Format writes a time as people here do.
func Format(format string, t time.Time) string { return formatIn("", format, t) }

// FormatWall writes what a clock shows, given as if it were UTC, as people here do.
func FormatWall(format string, wall time.Time) string { return formatIn("UTC", format, wall) }

func formatIn(zone, format string, t time.Time) string {
	key := moment{zone, format, t.UnixMilli()}
	if text, ok := written[key]; ok {
		return text
	}
	f, ok := times[zone+format]
	if !ok {
		options := maps.Clone(formatOptions[format])
		if zone != "" {
			options["timeZone"] = zone
		}
		f = window.Get("Intl").Get("DateTimeFormat").New(locale, options)
		times[zone+format] = f
	}
	if len(written) >= maxWritten {
		clear(written)
	}
	text := f.Call("format", float64(key.at)).String()
	written[key] = text
	return text
}

// Number writes a number with so many digits behind the point. Four digits stand
// together: 1234, but 12,345.
func Number(n float64, digits int) string {
	small := digits == 0 && n >= 0 && n < float64(len(smallNumber)) && n == float64(int(n))
	if small && smallNumber[int(n)] != "" {
		return smallNumber[int(n)]
	}
	f, ok := numbers[digits]
	if !ok {
		f = window.Get("Intl").Get("NumberFormat").New(locale, map[string]any{
			"minimumFractionDigits": digits, "maximumFractionDigits": digits, "useGrouping": "min2",
		})
		numbers[digits] = f
	}
	text := f.Call("format", n).String()
	if small {
		smallNumber[int(n)] = text
	}
	return text
}

// Plural is the category that a language counts n in (CLDR): "one", "other", …
func Plural(n int) string { return plurals.Call("select", n).String() }

// SystemLanguages are those the person told the browser that they read, best first.
func SystemLanguages() []string {
	list := window.Get("navigator").Get("languages")
	tags := make([]string, 0, list.Length())
	for i := range list.Length() {
		tags = append(tags, list.Index(i).String())
	}
	return tags
}
