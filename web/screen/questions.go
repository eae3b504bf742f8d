package screen

import (
	"cmp"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/mailinfo"
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
	out = append(out, s.recipientQuestions(c)...)
	// Words of the person's language, and English: people write in both.
	hints := words.T("attachment words|attached,attachment,enclosed,enclosure")
	if word := draft.PromisedFile(s.do.Says(c), hints+",attached,attachment,enclosed"); word != "" && len(listed(c)) == 0 {
		out = append(out, confirmation{Title: words.T("Send without an attachment?"), Text: words.T("The message says “{word}”, and no file is attached.", word)})
	}
	return out
}

// recipientQuestions are about people who may not be meant: whose address is nearly that of
// somebody known, and in an answer to all those who were never heard of.
func (s *Screen) recipientQuestions(c *store.Composer) (out []confirmation) {
	a := s.store.Account(c.AccountId)
	known := map[string]bool{}
	var addresses []string
	for _, people := range append(s.askedBy(c), a.People(), memberAddresses(s.store)) {
		for _, p := range people {
			known[strings.ToLower(p.Email)] = true
			addresses = append(addresses, p.Email)
		}
	}
	var fresh []string
	for _, list := range [][]jmap.EmailAddress{c.Email.To, c.Email.Cc, c.Email.Bcc} {
		for _, p := range list {
			if known[strings.ToLower(p.Email)] {
				continue
			}
			fresh = append(fresh, p.Email)
			if meant := mailinfo.Mistaken(p.Email, addresses); meant != "" {
				out = append(out, confirmation{Title: words.T("Is the address right?"), Text: words.T("The message goes to {address}. You know {other}.", p.Email, meant)})
			}
		}
	}
	if toAll := c.AnsweredKeyword == jmap.KeywordAnswered && draft.Recipients(&c.Email) > 1; toAll && len(fresh) > 0 && len(out) == 0 {
		out = append(out, confirmation{Title: words.T("Send to somebody new?"), Text: words.T("You answer several people, and there is no mail yet with {people}.", strings.Join(fresh, ", "))})
	}
	return out
}

// askedBy are the people of what a message answers.
func (s *Screen) askedBy(c *store.Composer) (lists [][]jmap.EmailAddress) {
	a := s.store.Account(cmp.Or(c.AnsweredIn, c.AccountId))
	for _, id := range c.AnsweredIds {
		if a == nil {
			break
		}
		if e := a.Email(id); e != nil {
			m := e.Email()
			lists = append(lists, m.From, m.To, m.Cc, m.ReplyTo)
		}
	}
	return lists
}

// memberAddresses are those of the member.
func memberAddresses(st *store.Store) (own []jmap.EmailAddress) {
	for _, a := range st.Accounts() {
		for _, i := range a.Identities() {
			own = append(own, jmap.EmailAddress{Email: i.Email})
		}
	}
	return own
}
