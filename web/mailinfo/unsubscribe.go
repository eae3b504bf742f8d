package mailinfo

import (
	"net/url"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Leave is how a mailing list is left: the first of these that is set.
type Leave struct {
	OneClick string // the host that takes one request, sent by the bridge (RFC 8058)
	Mailto   string // a mail to write (RFC 2369)
	Page     string // a page to open
}

// Any reports whether there is a way.
func (l Leave) Any() bool { return l != Leave{} }

// Unsubscribing says how the list that a message came by is left.
func Unsubscribing(m *jmap.Email) Leave {
	var l Leave
	oneClick := strings.EqualFold(strings.TrimSpace(m.ListUnsubscribePost), "List-Unsubscribe=One-Click")
	for _, address := range m.ListUnsubscribe {
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		switch scheme := strings.ToLower(u.Scheme); {
		case scheme == "mailto" && l.Mailto == "":
			l.Mailto = address
		case scheme == "https" && u.Hostname() != "" && u.User == nil:
			if oneClick && l.OneClick == "" {
				l.OneClick = Host(u.Hostname())
			}
			if l.Page == "" {
				l.Page = u.String()
			}
		case scheme == "http" && u.Hostname() != "" && u.User == nil && l.Page == "":
			l.Page = u.String()
		}
	}
	return l
}
