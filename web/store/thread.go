package store

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxThreads is how many threads are kept, about 100 octets each.
const maxThreads = 4000

// threads is which emails belong together, over all mailboxes.
type threads struct {
	byId  map[jmap.Id]*thread
	state jmap.State // where Thread/changes goes on from
	tick  uint64
}

type thread struct {
	emails []jmap.Id // oldest first
	stale  bool
	used   uint64
}

func newThreads() threads { return threads{byId: make(map[jmap.Id]*thread)} }

// ThreadState is the state Thread/changes goes on from, "" if none is known.
func (a *Account) ThreadState() jmap.State { return a.threads.state }

// SetThreadState records the state Thread/changes goes on from.
func (a *Account) SetThreadState(state jmap.State) { a.threads.state = state }

// ApplyThreads takes over what the bridge says of threads.
func (a *Account) ApplyThreads(list []jmap.Thread) {
	for _, t := range list {
		a.threads.tick++
		a.threads.byId[t.Id] = &thread{emails: t.EmailIds, used: a.threads.tick}
		for _, id := range t.EmailIds {
			if e := a.emails.byId[id]; e != nil { // its row says how many there are
				e.revision = a.store.changed(PartEmails)
			}
		}
	}
	if len(a.threads.byId) > maxThreads {
		a.trimThreads()
	}
}

func (a *Account) trimThreads() {
	used := make([]uint64, 0, len(a.threads.byId))
	for _, t := range a.threads.byId {
		used = append(used, t.used)
	}
	slices.Sort(used)
	oldest := used[len(used)/4]
	for id, t := range a.threads.byId {
		if t.used <= oldest {
			delete(a.threads.byId, id)
		}
	}
}

// ThreadsStale says that threads may have changed; no ids means any of them. What is
// known is shown until it is fetched again.
func (a *Account) ThreadsStale(ids ...jmap.Id) {
	for _, id := range ids {
		if t := a.threads.byId[id]; t != nil {
			t.stale = true
		}
	}
	if len(ids) == 0 {
		for _, t := range a.threads.byId {
			t.stale = true
		}
	}
}

// LackingThreads gives the threads of these emails that have to be fetched.
func (a *Account) LackingThreads(ids []jmap.Id) []jmap.Id {
	var lacking []jmap.Id
	for _, id := range ids {
		e := a.emails.byId[id]
		if e == nil || e.shown.ThreadId == "" {
			continue
		}
		t := a.threads.byId[e.shown.ThreadId]
		if (t == nil || t.stale) && !slices.Contains(lacking, e.shown.ThreadId) {
			lacking = append(lacking, e.shown.ThreadId)
		}
	}
	return lacking
}

// Thread is the emails of a thread over all mailboxes, oldest first, as far as it is known.
func (a *Account) Thread(id jmap.Id) []jmap.Id {
	if t := a.threads.byId[id]; t != nil {
		return t.emails
	}
	return nil
}

// Conversation is the emails of an email's thread that are to be seen together with it,
// oldest first, itself among them: what was deleted or is junk is not, unless it lies
// where that email does. Where the thread is not known it is the email alone.
func (a *Account) Conversation(id jmap.Id) []jmap.Id {
	e := a.emails.byId[id]
	if e == nil {
		return []jmap.Id{id}
	}
	t := a.threads.byId[e.shown.ThreadId]
	if t == nil || !slices.Contains(t.emails, id) {
		return []jmap.Id{id}
	}
	a.threads.tick++
	t.used = a.threads.tick
	out := make([]jmap.Id, 0, len(t.emails))
	for _, other := range t.emails {
		if other == id || !a.aside(other, e) {
			out = append(out, other)
		}
	}
	return out
}

// maxUnreadWhole is how many unread emails of a conversation are shown whole at once, the
// newest: the body of each has to come, and opening marks it read. The others are a line
// each until somebody asks for them, so that a thread of hundreds costs what one of
// maxUnreadWhole does.
const maxUnreadWhole = 12

// OpensWith is what is shown whole of a conversation when an email of it is opened: that
// email, the last one, and the newest of those that are unread.
func (a *Account) OpensWith(talk []jmap.Id, id jmap.Id) []jmap.Id {
	var out []jmap.Id
	left := maxUnreadWhole
	for i, other := range slices.Backward(talk) {
		e := a.Email(other)
		unread := e != nil && !e.Has(jmap.KeywordSeen) && left > 0
		if unread {
			left--
		}
		if unread || other == id || i == len(talk)-1 {
			out = append(out, other)
		}
	}
	slices.Reverse(out)
	return out
}

// aside reports whether an email lies in the trash or in junk and another does not lie
// there too, or is not known any more.
func (a *Account) aside(id jmap.Id, with *Email) bool {
	e := a.emails.byId[id]
	if e == nil {
		return false // its row is on its way
	}
	for box := range e.shown.MailboxIds {
		m := a.Mailbox(box)
		if m != nil && (m.HasRole(jmap.RoleTrash) || m.HasRole(jmap.RoleJunk)) && !with.shown.MailboxIds[box] {
			return true
		}
	}
	return false
}

// Together is the emails of the conversation of each of these that lie in a mailbox, ""
// for any: what an action on a row is about.
func (a *Account) Together(ids []jmap.Id, mailbox jmap.Id) []jmap.Id {
	var out []jmap.Id
	for _, id := range ids {
		for _, other := range a.Conversation(id) {
			e := a.emails.byId[other]
			in := mailbox == "" || other == id || e != nil && e.shown.MailboxIds[mailbox]
			if in && !slices.Contains(out, other) {
				out = append(out, other)
			}
		}
	}
	return out
}
