package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Bounds of what is kept in memory. A row is about 1 KB; the grid needs some
// 150 of them, the rest is for scrolling back.
const (
	maxEmails     = 2000
	maxBodyOctets = 8 << 20 // of opened bodies, over an account
)

// BodyState is what is known of an email beyond its list row.
type BodyState int

// States of a body.
const (
	BodyUnknown BodyState = iota
	BodyLoading
	BodyReady
	BodyFailed // BodyErr says why
)

// Email is a record: what the bridge said, and what is shown.
type Email struct {
	confirmed jmap.Email
	shown     jmap.Email
	stale     bool // the bridge may know better: fetch again when on screen
	body      BodyState
	bodyErr   error
	octets    int // of the body values
	used      uint64
	revision  uint64
}

// Email is what to show. Read only; never nil.
func (e *Email) Email() *jmap.Email { return &e.shown }

// Has reports whether a keyword is shown as set.
func (e *Email) Has(keyword string) bool { return e.shown.Keywords[keyword] }

// Body tells whether BodyValues, TextBody, HtmlBody and Attachments are there.
func (e *Email) Body() BodyState { return e.body }

// BodyErr is why the body did not come.
func (e *Email) BodyErr() error { return e.bodyErr }

// Revision rises whenever what is shown changes.
func (e *Email) Revision() uint64 { return e.revision }

type emails struct {
	byId  map[jmap.Id]*Email
	state jmap.State // where Email/changes goes on from
	tick  uint64
	open  []jmap.Id // never evicted
}

func newEmails() emails { return emails{byId: make(map[jmap.Id]*Email)} }

// Email is the record of an email, or nil if it is not known (any more).
func (a *Account) Email(id jmap.Id) *Email {
	for _, part := range a.parts {
		if e := part.emails.byId[id]; e != nil {
			return e
		}
	}
	return a.emails.byId[id]
}

// EmailState is the state Email/changes goes on from, "" if none is known.
func (a *Account) EmailState() jmap.State { return a.emails.state }

// SetEmailState records the state Email/changes goes on from.
func (a *Account) SetEmailState(state jmap.State) { a.emails.state = state }

// Opened returns the emails that are open, none if nothing is.
func (a *Account) Opened() []jmap.Id { return a.emails.open }

// SetOpened says which emails are open: they and their bodies stay in memory.
func (a *Account) SetOpened(ids ...jmap.Id) {
	a.emails.open = ids
	a.store.changed(PartEmails)
}

// ApplyEmails takes over list rows, asked for at m.
func (a *Account) ApplyEmails(list []jmap.Email, m Mark) {
	for i := range list {
		e := a.record(list[i].Id)
		if e.body == BodyReady { // the rest of an email never changes
			c := &e.confirmed
			c.Keywords, c.MailboxIds, c.ThreadId = list[i].Keywords, list[i].MailboxIds, list[i].ThreadId
		} else {
			e.confirmed = list[i]
		}
		a.refreshed(e, m)
	}
	a.trim()
}

// ApplyFlags takes over what can change of an email (keywords, mailboxIds, threadId),
// asked for at m, of the emails that are known. Others are left unknown.
func (a *Account) ApplyFlags(list []jmap.Email, m Mark) {
	for i := range list {
		if e := a.emails.byId[list[i].Id]; e != nil {
			e.confirmed.Keywords, e.confirmed.MailboxIds, e.confirmed.ThreadId = list[i].Keywords, list[i].MailboxIds, list[i].ThreadId
			a.refreshed(e, m)
		}
	}
}

// ApplyBody takes over an email with all its properties, asked for at m.
func (a *Account) ApplyBody(email jmap.Email, m Mark) {
	e := a.record(email.Id)
	e.confirmed = email
	e.body, e.bodyErr, e.octets = BodyReady, nil, 0
	for _, v := range email.BodyValues {
		e.octets += len(v.Value)
	}
	a.refreshed(e, m)
	a.trim()
	a.trimBodies()
}

// refreshed finishes taking over confirmed data of e that was asked for at m.
func (a *Account) refreshed(e *Email, m Mark) {
	e.stale = false
	for _, s := range a.settled {
		if s.at >= m {
			if c, ok := s.op.changes[e.confirmed.Id]; ok {
				c.apply(&e.confirmed)
			}
		}
	}
	a.show(e)
}

// SetBodyState records that a body is on its way or why it did not come.
func (a *Account) SetBodyState(id jmap.Id, state BodyState, err error) {
	e := a.emails.byId[id]
	if e == nil {
		e = a.record(id)
		e.confirmed.Id, e.shown.Id, e.stale = id, id, true
	}
	e.body, e.bodyErr = state, err
	e.revision = a.store.changed(PartEmails)
}

// EmailsGone forgets emails that do not exist any more.
func (a *Account) EmailsGone(ids []jmap.Id) {
	if len(ids) == 0 {
		return
	}
	gone := make(map[jmap.Id]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	for _, l := range a.showing() {
		l.drop(gone)
	}
	for _, id := range ids {
		delete(a.emails.byId, id)
	}
	a.store.changed(PartEmails)
}

// EmailsStale says that emails may have changed without a trace; no ids means
// any of them (cannotCalculateChanges). What is shown stays until it is fetched
// again.
func (a *Account) EmailsStale(ids ...jmap.Id) {
	for _, id := range ids {
		if e := a.emails.byId[id]; e != nil {
			e.stale = true
		}
	}
	if len(ids) == 0 {
		for _, e := range a.emails.byId {
			e.stale = true
		}
	}
}

// Touch marks emails as in use, so that they are the last to be forgotten.
func (a *Account) Touch(ids []jmap.Id) {
	for _, part := range a.parts {
		part.Touch(ids)
	}
	a.emails.tick++
	for _, id := range ids {
		if e := a.emails.byId[id]; e != nil {
			e.used = a.emails.tick
		}
	}
}

// Lacking gives those of ids whose row has to be fetched.
func (a *Account) Lacking(ids []jmap.Id) []jmap.Id {
	var lacking []jmap.Id
	for _, id := range ids {
		if e := a.Email(id); e == nil || e.stale {
			lacking = append(lacking, id)
		}
	}
	return lacking
}

// record finds or makes the record of id and marks it as in use.
func (a *Account) record(id jmap.Id) *Email {
	e := a.emails.byId[id]
	if e == nil {
		e = new(Email)
		a.emails.byId[id] = e
	}
	a.emails.tick++
	e.used = a.emails.tick
	return e
}

// show makes what is shown of e from what is confirmed and what is pending.
func (a *Account) show(e *Email) {
	e.shown = e.confirmed
	for _, op := range a.ops {
		if c, ok := op.changes[e.confirmed.Id]; ok {
			e.shown.Keywords = maps.Clone(e.shown.Keywords) // confirmed keeps its own
			e.shown.MailboxIds = maps.Clone(e.shown.MailboxIds)
			c.apply(&e.shown)
		}
	}
	e.revision = a.store.changed(PartEmails)
}

// trim forgets the rows least lately used. What has a pending change or is open stays.
func (a *Account) trim() {
	if len(a.emails.byId) <= maxEmails {
		return
	}
	keep := make(map[jmap.Id]bool)
	for _, op := range a.ops {
		for id := range op.changes {
			keep[id] = true
		}
	}
	for _, id := range a.emails.open {
		keep[id] = true
	}
	ids := make([]jmap.Id, 0, len(a.emails.byId))
	for id := range a.emails.byId {
		if !keep[id] {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y jmap.Id) int {
		return cmp.Compare(a.emails.byId[x].used, a.emails.byId[y].used)
	})
	const spare = maxEmails / 8 // so that the next window does not sort again
	for _, id := range ids[:min(len(ids), len(a.emails.byId)-maxEmails+spare)] {
		delete(a.emails.byId, id)
	}
}

// trimBodies forgets opened bodies least lately used beyond maxBodyOctets.
func (a *Account) trimBodies() {
	total := 0
	var open []*Email
	for id, e := range a.emails.byId {
		total += e.octets
		if e.octets > 0 && !slices.Contains(a.emails.open, id) {
			open = append(open, e)
		}
	}
	slices.SortFunc(open, func(x, y *Email) int { return cmp.Compare(x.used, y.used) })
	for _, e := range open {
		if total <= maxBodyOctets {
			return
		}
		total -= e.octets
		e.body, e.octets = BodyUnknown, 0
		e.confirmed.BodyValues = nil
		e.shown.BodyValues = nil
	}
}
