package method

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// maxVacationSubject is in octets; a header line has at most 998 (RFC 5322 §2.1.1).
	maxVacationSubject = 900
	// maxVacationBody is in octets, of each form.
	maxVacationBody = 64 << 10
)

// vacationResponseSet answers VacationResponse/set (RFC 8621 §8.2). There is one, which
// always exists: it can be changed, and no more.
func vacationResponseSet(ctx context.Context, c *call) (any, error) {
	if _, err := c.account.VacationResponse(ctx); err != nil { // the state is that of what is there
		return nil, notOffered(err)
	}
	args, answer, err := beginSet(c, "VacationResponse")
	if err != nil {
		return nil, err
	}
	setSingleton(c, args, answer, func(patch map[string]json.RawMessage) error {
		return c.account.ChangeVacationResponse(ctx, func(v *jmap.VacationResponse) error { return patchVacation(v, patch) })
	})
	answer.NewState = c.account.State("VacationResponse")
	return answer, nil
}

// patchVacation makes the changes of a patch, or none and says why. It may give whole
// properties only, there being nothing below them.
func patchVacation(v *jmap.VacationResponse, patch map[string]json.RawMessage) error {
	next := *v
	for _, property := range slices.Sorted(maps.Keys(patch)) {
		var err error
		switch raw := patch[property]; property {
		case "id":
			if string(raw) != `"`+string(jmap.Singleton)+`"` {
				err = invalid("the id cannot be changed", property)
			}
		case "isEnabled":
			var enabled *bool
			if json.Unmarshal(raw, &enabled) != nil || enabled == nil {
				return invalid("this is true or false", property)
			}
			next.IsEnabled = *enabled
		case "fromDate":
			next.FromDate, err = readUTCDate(raw, property)
		case "toDate":
			next.ToDate, err = readUTCDate(raw, property)
		case "subject":
			next.Subject, err = readText(raw, property, maxVacationSubject)
			if err == nil && next.Subject != nil && strings.ContainsFunc(*next.Subject, unicode.IsControl) {
				err = invalid("a subject is one line", property)
			}
		case "textBody":
			next.TextBody, err = readText(raw, property, maxVacationBody)
		case "htmlBody":
			next.HtmlBody, err = readText(raw, property, maxVacationBody)
		default:
			err = invalid("there is no such property", property)
		}
		if err != nil {
			return err
		}
	}
	*v = next
	return nil
}

// readUTCDate reads a UTCDate (RFC 8620 §1.4) or null; fractions of a second are
// more than can be compared with.
func readUTCDate(raw json.RawMessage, property string) (*time.Time, error) {
	var text *string
	if json.Unmarshal(raw, &text) != nil {
		return nil, invalid("this is a date or null", property)
	}
	if text == nil {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, *text)
	if err != nil || !strings.HasSuffix(*text, "Z") {
		return nil, invalid("a date is written as 2026-03-01T12:00:00Z", property)
	}
	t = t.Truncate(time.Second).UTC()
	return &t, nil
}

// readText reads a string of at most so many octets, or null. NUL cannot be sent by
// mail.
func readText(raw json.RawMessage, property string, most int) (*string, error) {
	var text *string
	if json.Unmarshal(raw, &text) != nil {
		return nil, invalid("this is a string or null", property)
	}
	if text != nil && len(*text) > most {
		return nil, &jmap.SetError{Type: jmap.SetTooLarge, Description: "the text is too long", Properties: []string{property}}
	}
	if text != nil && strings.ContainsRune(*text, 0) {
		return nil, invalid("the text has a NUL", property)
	}
	return text, nil
}
