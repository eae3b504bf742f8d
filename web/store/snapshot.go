package store

import "github.com/hearthmail/hearthmail/shared/jmap"

// snapshotRows and snapshotEmails bound a snapshot: what a window shows at first, and
// the rest of its conversations, about 100 KB.
const (
	snapshotRows   = 40
	snapshotEmails = 120
)

// Snapshot is what it takes to draw the top of a mailbox again: no bodies, and nothing
// that is not confirmed.
type Snapshot struct {
	Account      jmap.Id         `json:"account"`
	Identities   []jmap.Identity `json:"identities"`
	Mailboxes    []jmap.Mailbox  `json:"mailboxes"`
	MailboxState jmap.State      `json:"mailboxState"`
	Emails       []jmap.Email    `json:"emails"`
	EmailState   jmap.State      `json:"emailState"`
	Threads      []jmap.Thread   `json:"threads"`
	ThreadState  jmap.State      `json:"threadState"`
	Query        Query           `json:"query"`
	QueryState   jmap.State      `json:"queryState"`
	Ids          []jmap.Id       `json:"ids"`
	Total        int             `json:"total"`
}

// Snapshot is the top of a list, with its account's mailboxes; nil while there is
// nothing to draw, and for a search.
func (l *List) Snapshot() *Snapshot {
	a := l.account
	if a.IsAll() || !l.loaded || !a.mailboxes.known || l.query.Filter != nil || a.emails.state == "" || a.mailboxes.state == "" {
		return nil
	}
	s := &Snapshot{
		Account: a.id, Identities: a.identities, MailboxState: a.mailboxes.state, EmailState: a.emails.state,
		ThreadState: a.threads.state, Query: l.query, QueryState: l.queryState, Total: l.confirmed.total,
	}
	for _, m := range a.mailboxes.stored {
		s.Mailboxes = append(s.Mailboxes, *m)
	}
	taken := make(map[jmap.Id]bool)
	take := func(id jmap.Id) bool {
		e := a.emails.byId[id]
		if e == nil || e.stale || e.confirmed.ReceivedAt.IsZero() {
			return false
		}
		if !taken[id] {
			taken[id] = true
			s.Emails = append(s.Emails, row(&e.confirmed))
		}
		return true
	}
	for i := range snapshotRows {
		id, ok := l.confirmed.at(i)
		if !ok || !take(id) {
			break
		}
		s.Ids = append(s.Ids, id)
	}
	if len(s.Ids) == 0 && s.Total > 0 {
		return nil
	}
	for _, id := range s.Ids {
		thread := a.emails.byId[id].confirmed.ThreadId
		t := a.threads.byId[thread]
		if t == nil || t.stale || len(s.Emails)+len(t.emails) > snapshotEmails {
			continue
		}
		s.Threads = append(s.Threads, jmap.Thread{Id: thread, EmailIds: t.emails})
		for _, other := range t.emails {
			take(other)
		}
	}
	return s
}

// row is what a list shows of an email.
func row(e *jmap.Email) jmap.Email {
	return jmap.Email{
		Id: e.Id, ThreadId: e.ThreadId, MailboxIds: e.MailboxIds, Keywords: e.Keywords, Size: e.Size, ReceivedAt: e.ReceivedAt,
		From: e.From, To: e.To, Subject: e.Subject, Preview: e.Preview, HasAttachment: e.HasAttachment,
	}
}

// Restore takes over a snapshot of an account that nothing is known of yet. What became
// of it since, /changes tells.
func (s *Store) Restore(snapshot *Snapshot) {
	a := s.Account(snapshot.Account)
	if a == nil || a.mailboxes.known {
		return
	}
	a.SetIdentities(snapshot.Identities)
	a.SetMailboxes(snapshot.Mailboxes, snapshot.MailboxState)
	mark := a.Ask()
	a.ApplyEmails(snapshot.Emails, mark)
	a.Answered(mark)
	a.SetEmailState(snapshot.EmailState)
	if snapshot.ThreadState != "" {
		a.ApplyThreads(snapshot.Threads)
		a.SetThreadState(snapshot.ThreadState)
	}
	l := a.List(snapshot.Query)
	l.Apply(l.Ask(0, len(snapshot.Ids)), &jmap.QueryResponse{
		AccountId: a.id, QueryState: snapshot.QueryState, Ids: snapshot.Ids, Total: &snapshot.Total,
	})
}
