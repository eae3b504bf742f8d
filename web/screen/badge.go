package screen

import "github.com/hearthmail/hearthmail/web/browser"

// showBadge shows at the app's icon how many messages are unread in all inboxes.
func (s *Screen) showBadge() {
	if n := s.store.Unread(); n != s.badge {
		s.badge = n
		browser.SetBadge(n)
	}
}
