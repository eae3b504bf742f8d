package screen

import (
	"strings"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/mailinfo"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// idLinkStatus is where web/browser writes where a link leads, while one points at it.
const idLinkStatus = "link-status"

// followed is asked when a link in a mail is followed, and reports whether it is to be
// opened. It runs within the browser's event.
func (s *Screen) followed(target, text string) bool {
	if len(target) > 7 && strings.EqualFold(target[:7], "mailto:") {
		s.post(func() { s.writeTo(target) })
		return false
	}
	shown, host, differs := mailinfo.Mismatch(text, target)
	if !differs {
		return true
	}
	warning := words.T("It leads to {site}, a name that is made to look like another one.", host)
	if shown != "" {
		warning = words.T("It shows {shown}, but leads to {site}.", shown, host)
	}
	s.post(func() {
		s.ask(confirmation{
			Title: words.T("This link is not what it seems"), Text: warning, Button: words.T("Open {site}", host), Doubtful: true,
			do: func() { browser.Open(target) },
		})
	})
	return false
}

// pageCompose is the address under which other programs begin a message.
const pageCompose = "compose"

// writeWhenReady opens a composer for what another program handed over, once it is known
// whom it can be from.
func (s *Screen) writeWhenReady(a *store.Account) {
	if link := s.handed; link != "" && len(a.Identities()) > 0 {
		s.handed = ""
		s.post(func() { s.writeTo(link) })
	}
}

// writeTo opens a composer with what a mailto: link asks for.
func (s *Screen) writeTo(uri string) {
	if a := s.account(); a != nil {
		if c := s.do.ComposeMailto(a, uri); c != nil {
			s.composerOpened(c)
		}
	}
}
