package downstream

import (
	"cmp"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	// languageCookie is the language that was chosen in this browser (web/browser sets it).
	languageCookie = "hearthmail-language"
	// A browser's wishes are looked at as far as these go.
	maxLanguages   = 50
	maxLanguageTag = 35 // RFC 5646 §4.4.1: what every reader must make room for
)

// index is the page in the language that was chosen here, or else that the browser asks
// for first among those there are; English where there is none.
func (f *files) index(r *http.Request) (name, language string) {
	wanted := acceptedLanguages(r.Header.Get("Accept-Language"))
	if chosen, err := r.Cookie(languageCookie); err == nil && len(chosen.Value) <= maxLanguageTag {
		wanted = append([]string{chosen.Value}, wanted...)
	}
	pages, err := fs.Glob(f.app, "index.*.html")
	if err != nil {
		pages = nil
	}
	for _, tag := range wanted {
		// A region may have words of its own; else those of its language will do.
		for ; tag != ""; tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)] {
			if strings.EqualFold(tag, "en") {
				return "index.html", "en"
			}
			for _, page := range pages {
				if language := strings.TrimSuffix(strings.TrimPrefix(page, "index."), ".html"); strings.EqualFold(language, tag) {
					return page, language
				}
			}
		}
	}
	return "index.html", "en"
}

// acceptedLanguages reads Accept-Language (RFC 9110 §12.5.4), best first.
func acceptedLanguages(header string) []string {
	type wish struct {
		tag     string
		quality float64
	}
	var wishes []wish
	for item := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(item, ";")
		quality := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			quality, _ = strconv.ParseFloat(q, 64) // what is no number is not wanted
		}
		if tag = strings.TrimSpace(tag); tag != "" && len(tag) <= maxLanguageTag && quality > 0 && len(wishes) < maxLanguages {
			wishes = append(wishes, wish{tag, quality})
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int { return cmp.Compare(b.quality, a.quality) })
	tags := make([]string, len(wishes))
	for i, w := range wishes {
		tags[i] = w.tag
	}
	return tags
}
