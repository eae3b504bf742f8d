package store

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// WrittenTo are the people whom messages that are known here were sent to, by an address
// in own.
func (a *Account) WrittenTo(own func(address string) bool) []jmap.EmailAddress {
	var out []jmap.EmailAddress
	known := map[string]bool{}
	for _, e := range a.emails.byId {
		m := &e.shown
		if len(m.From) == 0 || !own(m.From[0].Email) {
			continue
		}
		for _, list := range [][]jmap.EmailAddress{m.To, m.Cc} {
			for _, p := range list {
				if key := strings.ToLower(p.Email); p.Name != nil && !known[key] {
					known[key] = true
					out = append(out, p)
				}
			}
		}
	}
	return out
}
