package store

import (
	"maps"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Change is what a person does to one email.
type Change struct {
	Keywords  map[string]bool  // true: set, false: take away
	Mailboxes map[jmap.Id]bool // true: put in, false: take out
	Whole     bool             // Mailboxes are all it is in then: where it is now is not known
	Destroy   bool
}

// Patch is the change as Email/set takes it. Doing it twice is doing it once.
func (c Change) Patch() jmap.PatchObject {
	p := make(jmap.PatchObject, len(c.Keywords)+len(c.Mailboxes))
	for k, on := range c.Keywords {
		p["keywords/"+escapePointer.Replace(k)] = onOrNull(on)
	}
	if c.Whole {
		p["mailboxIds"] = c.Mailboxes
		return p
	}
	for id, in := range c.Mailboxes {
		p["mailboxIds/"+string(id)] = onOrNull(in)
	}
	return p
}

// escapePointer: RFC 6901 §3.
var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

// onOrNull is true, or the null that removes (RFC 8620 §5.3).
func onOrNull(on bool) any {
	if on {
		return true
	}
	return nil
}

// apply changes e, whose maps must be its own.
func (c Change) apply(e *jmap.Email) {
	e.Keywords = applySet(e.Keywords, c.Keywords)
	if c.Whole {
		e.MailboxIds = nil
	}
	e.MailboxIds = applySet(e.MailboxIds, c.Mailboxes)
}

func applySet[K comparable](set, changes map[K]bool) map[K]bool {
	for k, on := range changes {
		switch {
		case !on:
			delete(set, k)
		case set == nil:
			set = map[K]bool{k: true}
		default:
			set[k] = true
		}
	}
	return set
}

// on gives the part of the change that does something to e, and what takes that
// part back.
func (c Change) on(e *jmap.Email) (effective, inverse Change) {
	effective.Keywords, inverse.Keywords = difference(e.Keywords, c.Keywords)
	effective.Mailboxes, inverse.Mailboxes = difference(e.MailboxIds, c.Mailboxes)
	effective.Destroy, effective.Whole = c.Destroy, c.Whole
	return effective, inverse
}

func difference[K comparable](set, changes map[K]bool) (effective, inverse map[K]bool) {
	for k, on := range changes {
		if set[k] == on {
			continue
		}
		if effective == nil {
			effective, inverse = make(map[K]bool), make(map[K]bool)
		}
		effective[k], inverse[k] = on, !on
	}
	return effective, inverse
}

func (c Change) empty() bool { return len(c.Keywords) == 0 && len(c.Mailboxes) == 0 && !c.Destroy }

// counted is what a change of one email does to the counts of one mailbox.
type counted struct {
	email, mailbox jmap.Id
	counts
}

// countsOf says what c does to the counts of the mailboxes of e: one difference a
// mailbox, so that counts never pass through what is not true.
func (c Change) countsOf(e *jmap.Email) []counted {
	after := jmap.Email{Keywords: maps.Clone(e.Keywords), MailboxIds: maps.Clone(e.MailboxIds)}
	c.apply(&after)
	if c.Destroy {
		after.MailboxIds = nil
	}
	sums := make(map[jmap.Id]counts, len(e.MailboxIds)+len(after.MailboxIds))
	add := func(of *jmap.Email, sign int) {
		unread := 0
		if !of.Keywords[jmap.KeywordSeen] && !of.Keywords[jmap.KeywordDraft] {
			unread = sign
		}
		for id := range of.MailboxIds {
			sums[id] = counts{sums[id].total + sign, sums[id].unread + unread}
		}
	}
	add(e, -1)
	add(&after, 1)
	var list []counted
	for id, d := range sums {
		if d != (counts{}) {
			list = append(list, counted{e.Id, id, d})
		}
	}
	return list
}
