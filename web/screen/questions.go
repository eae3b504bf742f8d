package screen

import (
	"time"

	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// send sends a message; where something seems to be forgotten it asks first.
func (s *Screen) send(c *store.Composer) { s.sendAt(c, time.Time{}) }

// sendAt is send at a time; the zero time is now.
func (s *Screen) sendAt(c *store.Composer, at time.Time) {
	s.commitRecipients(c)
	s.asked(s.questions(c), func() { s.do.SendLater(c, at) })
}

// asked puts the questions one after the other, and sends when each was answered with yes.
func (s *Screen) asked(questions []confirmation, send func()) {
	if len(questions) == 0 {
		send()
		return
	}
	q := questions[0]
	q.Button, q.Doubtful = words.T("Send anyway"), true
	q.do = func() { s.asked(questions[1:], send) }
	s.ask(q)
}

// questions are what to ask before a message is sent.
func (s *Screen) questions(c *store.Composer) []confirmation {
	if draft.Recipients(&c.Email) == 0 || c.Status == store.Sending {
		return nil // it cannot be sent, and says why
	}
	var out []confirmation
	if c.Email.Subject == "" {
		out = append(out, confirmation{Title: words.T("Send without a subject?"), Text: words.T("The subject is what people find the message by.")})
	}
	// Words of the person's language, and English: people write in both.
	hints := words.T("attachment words|attached,attachment,enclosed,enclosure")
	if word := draft.PromisedFile(s.do.Says(c), hints+",attached,attachment,enclosed"); word != "" && len(listed(c)) == 0 {
		out = append(out, confirmation{Title: words.T("Send without an attachment?"), Text: words.T("The message says “{word}”, and no file is attached.", word)})
	}
	return out
}
