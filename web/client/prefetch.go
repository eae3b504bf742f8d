package client

import (
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

const (
	// restPause is how long nothing may be under way before bodies are fetched ahead:
	// who scrolls by does not stop to read.
	restPause = 150 * time.Millisecond
	// aheadRows is how many rows beyond the viewport have their bodies fetched ahead.
	aheadRows = 5
	// aheadIds and aheadOctets bound one request, so that what a person asks for
	// meanwhile waits for a short one at most.
	aheadIds    = 10
	aheadOctets = int64(128 << 10)
	// aheadLargest is the size of a message beyond which it is fetched when it is opened.
	aheadLargest = 100 << 10
	// maxAhead is how many messages are remembered to have been asked for. Each is
	// once: one whose body was forgotten again would be fetched forever.
	maxAhead = 2000
)

// rest has bodies fetched ahead once nothing has happened for a while.
func (c *Client) rest() {
	if c.resting == nil {
		c.resting = time.AfterFunc(restPause, func() { c.onLoop(c.prefetch) })
		return
	}
	c.resting.Reset(restPause)
}

// prefetch asks for the bodies of messages that may be opened next. It marks nothing
// read, and gives way to all else.
func (c *Client) prefetch() {
	l := c.followed
	if l == nil || !c.online || c.doubtful || c.requests > 0 || len(c.queue) > 0 {
		return // the last answer leads here again
	}
	w := c.accounts[l.Account().Id()]
	if w == nil {
		return
	}
	ids := w.nextAhead(l)
	if len(ids) == 0 {
		return
	}
	if len(w.ahead) > maxAhead {
		clear(w.ahead)
	}
	for _, id := range ids {
		w.ahead[id] = true
	}
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		got, mark := w.askBodies(b, ids)
		return func(err error) {
			if err == nil && got.Err() == nil {
				c.sawState(w.account, got.Value.State)
				for _, email := range got.Value.List {
					w.account.ApplyBody(email, mark)
				}
			}
			w.account.Answered(mark)
		}
	}})
}

// nextAhead is the messages to fetch the bodies of with the next request: those nearest
// to the open one, else those on top, and of a conversation what is shown whole.
func (w *wire) nextAhead(l *store.List) []jmap.Id {
	a := w.account
	first, last := l.Viewport()
	at, from := first, max(0, first-aheadRows)
	for _, id := range a.Opened() {
		if i, ok := l.IndexOf(id); ok {
			at = i
		}
	}
	rows := make([]int, 0, last-from+1+aheadRows)
	for i := from; i <= last+aheadRows && i < l.Total(); i++ {
		rows = append(rows, i)
	}
	slices.SortStableFunc(rows, func(i, j int) int { return distance(i, at) - distance(j, at) })
	var ids []jmap.Id
	octets := int64(0)
	for _, i := range rows {
		id, ok := l.At(i)
		if !ok {
			continue
		}
		talk := []jmap.Id{id}
		if l.Query().Threads {
			talk = a.OpensWith(a.Conversation(id), id)
		}
		for _, id := range talk {
			e := a.Email(id)
			if e == nil || e.Body() != store.BodyUnknown || w.ahead[id] || slices.Contains(ids, id) || e.Email().Size > aheadLargest {
				continue
			}
			if octets += e.Email().Size; len(ids) == aheadIds || len(ids) > 0 && octets > aheadOctets {
				return ids
			}
			ids = append(ids, id)
		}
	}
	return ids
}

func distance(i, j int) int { return max(i-j, j-i) }
