package method

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
)

// headerProperty is a property of the form header:NAME[:asFORM][:all] (RFC 8621
// §4.1.3).
type headerProperty struct {
	property string
	name     string
	formName string // asRaw, asText …
	form     func(raw string) any
	all      bool
}

// headerForms says how a raw field value is given in each form (RFC 8621
// §4.1.2).
var headerForms = map[string]func(raw string) any{
	"asRaw":              func(raw string) any { return raw },
	"asText":             func(raw string) any { return message.Text(raw) },
	"asAddresses":        func(raw string) any { return orEmpty(message.Addresses(raw)) },
	"asGroupedAddresses": func(raw string) any { return orEmpty(message.GroupedAddresses(raw)) },
	"asMessageIds":       func(raw string) any { return listOrNull(message.MessageIDs(raw)) },
	"asDate": func(raw string) any {
		if t, ok := message.Date(raw); ok {
			return t
		}
		return nil
	},
	"asURLs": func(raw string) any { return listOrNull(message.URLs(raw)) },
}

func parseHeaderProperty(p string) (headerProperty, bool) {
	words := strings.Split(p, ":")
	if len(words) < 2 || words[0] != "header" || words[1] == "" {
		return headerProperty{}, false
	}
	h := headerProperty{property: p, name: words[1], formName: "asRaw"}
	rest := words[2:]
	if len(rest) > 0 && rest[len(rest)-1] == "all" {
		h.all, rest = true, rest[:len(rest)-1]
	}
	if len(rest) == 1 {
		h.formName = rest[0]
	}
	h.form = headerForms[h.formName]
	return h, h.form != nil && mayHaveForm(h.name, h.formName) && len(rest) <= 1
}

// isHeaderProperty says whether a property asks for a header field, in a form or
// another.
func isHeaderProperty(p string) bool { return strings.HasPrefix(p, "header:") }

// formsOf is the forms that the fields of RFC 5322 and RFC 2369 have besides asRaw (RFC
// 8621 §4.1.2). Any other field may be asked for in any form.
var formsOf = map[string][]string{
	"from": addressForms, "sender": addressForms, "reply-to": addressForms, "to": addressForms, "cc": addressForms, "bcc": addressForms,
	"resent-from": addressForms, "resent-sender": addressForms, "resent-reply-to": addressForms,
	"resent-to": addressForms, "resent-cc": addressForms, "resent-bcc": addressForms,
	"subject": {"asText"}, "comments": {"asText"}, "keywords": {"asText"},
	"message-id": {"asMessageIds"}, "in-reply-to": {"asMessageIds"}, "references": {"asMessageIds"}, "resent-message-id": {"asMessageIds"},
	"date": {"asDate"}, "resent-date": {"asDate"},
	"list-help": {"asURLs"}, "list-unsubscribe": {"asURLs"}, "list-subscribe": {"asURLs"}, "list-post": {"asURLs"}, "list-owner": {"asURLs"}, "list-archive": {"asURLs"},
	"return-path": {}, "received": {},
}

var addressForms = []string{"asAddresses", "asGroupedAddresses"}

func mayHaveForm(name, form string) bool {
	forms, known := formsOf[strings.ToLower(name)]
	return !known || form == "asRaw" || slices.Contains(forms, form)
}

// value is the property of a header: the last field of that name, or all.
func (h headerProperty) value(header message.Header) any {
	if h.all {
		values := []any{}
		for _, raw := range header.All(h.name) {
			values = append(values, h.form(raw))
		}
		return values
	}
	raw, ok := header.Raw(h.name)
	if !ok {
		return nil
	}
	return h.form(raw)
}
