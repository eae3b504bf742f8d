package client

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// maxThreads is how many threads are asked for at once: their emails have to fit into
// one answer, or they are asked for by themselves.
const maxThreads = 50

// threads fetches the threads of those emails that lack theirs, with the rows of all that
// belong to them: after the list is there, which nobody keeps waiting for it.
func (c *Client) threads(w *wire, l *store.List, ids []jmap.Id) {
	a := w.account
	lacking := a.LackingThreads(ids)
	if w.threads || len(lacking) == 0 || !c.spend(l) {
		return
	}
	lacking = lacking[:min(len(lacking), maxThreads)]
	w.threads = true
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Thread]](b, "Thread/get", jmap.GetRequest{AccountId: a.Id(), Ids: lacking})
		rows := ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
			jmap.GetRequest{AccountId: a.Id(), IdsRef: got.ref("/list/*/emailIds"), Properties: rowProperties})
		mark := a.Ask()
		return func(err error) {
			w.threads = false
			if err == nil && rows.Err() == nil {
				c.sawState(a, rows.Value.State)
				a.ApplyEmails(rows.Value.List, mark)
			}
			a.Answered(mark)
			if err != nil || got.Err() != nil {
				return // the rows stand for themselves; the next look asks again
			}
			if a.ThreadState() == "" {
				a.SetThreadState(got.Value.State)
			}
			// A thread that is gone is none: its email is alone.
			list := got.Value.List
			for _, id := range got.Value.NotFound {
				list = append(list, jmap.Thread{Id: id})
			}
			a.ApplyThreads(list)
			if l == c.followed {
				c.fill(l)
			}
		}
	}})
}

// applyThreadNews takes over which threads have changed.
func (c *Client) applyThreadNews(w *wire, changes *answer[jmap.ChangesResponse]) {
	if changes == nil {
		return
	}
	a := w.account
	if changes.Err() != nil {
		if !isTemporary(changes.Err()) {
			a.ThreadsStale()
			a.SetThreadState("")
		}
		return
	}
	v := &changes.Value
	a.ThreadsStale(append(append(v.Created, v.Updated...), v.Destroyed...)...)
	a.SetThreadState(v.NewState)
	w.wanted = w.wanted || v.HasMoreChanges
}
