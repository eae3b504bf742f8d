package screen

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
)

// showBadge shows at the app's icon how many messages are unread in all inboxes.
func (s *Screen) showBadge() {
	n := 0
	for _, a := range s.store.Accounts() {
		if inbox := a.Role(jmap.RoleInbox); inbox != nil {
			n += inbox.UnreadEmails
		}
	}
	if n != s.badge {
		s.badge = n
		browser.SetBadge(n)
	}
}
