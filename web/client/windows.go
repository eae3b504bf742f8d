package client

import (
	"errors"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

const (
	// page is the least number of rows asked for at once.
	page = 50
	// near is how many rows on both sides of the viewport are kept filled.
	near = 30
	// fetchBudget is how many requests one look at a list may cost: a bridge whose
	// answers never add up must not keep us asking.
	fetchBudget = 12
	// maxWindows is how many stretches of a list may be on their way: when
	// somebody drags the scrollbar, only where it rests is worth fetching.
	maxWindows = 2
)

// rowProperties are what the message grid shows.
var rowProperties = []string{
	"id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt",
	"from", "to", "subject", "preview", "hasAttachment",
}

// flagProperties are what can change of an email.
var flagProperties = []string{"id", "threadId", "mailboxIds", "keywords"}

// windows is what is under way for a list.
type windows struct {
	asked  []store.Window
	around bool
	budget int
	// snippets are on their way.
	snippets bool
}

func (c *Client) windowsOf(l *store.List) *windows {
	s := c.windows[l]
	if s == nil {
		s = &windows{budget: fetchBudget}
		c.windows[l] = s
	}
	return s
}

// Follow makes l the list on screen. What is known of it is brought up to date.
func (c *Client) Follow(l *store.List) {
	c.followed = l
	for o, s := range c.windows {
		if o != l && !s.around && len(s.asked) == 0 {
			delete(c.windows, o)
		}
	}
	c.windowsOf(l).budget = fetchBudget
	if l.Known() {
		c.Refresh(l.Account())
	}
	c.fill(l)
}

// wireOf is the wire that queries of a list go by: where it is of all accounts, that of
// the member's own.
func (c *Client) wireOf(l *store.List) *wire {
	if own := c.store.Own(); l.Account().IsAll() && own != nil {
		return c.accounts[own.Id()]
	}
	return c.accounts[l.Account().Id()]
}

// Fill fetches what the viewport of l lacks.
func (c *Client) Fill(l *store.List) {
	c.windowsOf(l).budget = fetchBudget
	c.fill(l)
	c.rest()
}

var errBudget = errors.New("the answers of the bridge do not add up")

// fill asks for what is missing, most urgent first: positions in the viewport,
// their rows, then the same for what is near.
func (c *Client) fill(l *store.List) {
	w, s := c.wireOf(l), c.windowsOf(l)
	if w == nil {
		return
	}
	visible := append(l.Visible(0), l.Beside()...)
	l.Account().Touch(visible)
	first, last := l.Viewport()
	position, limit, urgent := l.Need(first, last)
	if urgent {
		if len(s.asked) == 0 && !s.around {
			c.early(w, l) // of one account
		}
		c.window(w, l, position, limit)
	}
	for _, w := range c.parts(l) {
		mine := append(l.Account().Owned(w.account, visible), w.account.Opened()...)
		c.rows(w, l, mine)
		if !urgent && l.Known() && len(w.account.Lacking(mine)) == 0 {
			c.snippets(w, l)
		}
	}
	if urgent || len(s.asked) > 0 || s.around {
		return
	}
	if position, limit, ok := l.Need(last+1, last+near); ok {
		c.window(w, l, position, limit)
	}
	if position, limit, ok := l.Need(first-near, first-1); ok {
		c.window(w, l, position, limit)
	}
	for _, w := range c.parts(l) {
		mine := l.Account().Owned(w.account, l.Visible(near))
		c.rows(w, l, mine)
		if l.Query().Threads {
			c.threads(w, l, append(mine, w.account.Opened()...))
		}
	}
}

// parts are the wires of the accounts that a list is of.
func (c *Client) parts(l *store.List) []*wire {
	var out []*wire
	for _, a := range l.Account().Parts() {
		if w := c.accounts[a.Id()]; w != nil {
			out = append(out, w)
		}
	}
	return out
}

// spend reports whether l may cost one more request, and counts it.
func (c *Client) spend(l *store.List) bool {
	s := c.windowsOf(l)
	if s.budget--; s.budget < 0 {
		if s.budget == -1 {
			l.SetErr(errBudget)
		}
		return false
	}
	return true
}

// window asks for a stretch of l and its rows unless it is on its way.
func (c *Client) window(w *wire, l *store.List, position, limit int) {
	s := c.windowsOf(l)
	if s.around || len(s.asked) >= maxWindows || l.Account().IsAll() && !c.anyFilter(l) {
		return // fill looks again when they are back
	}
	for _, a := range s.asked {
		if a.Position <= position && position+limit <= a.Position+a.Limit {
			return
		}
	}
	if !c.spend(l) {
		return
	}
	if l.Behind() {
		c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
			if !l.Behind() {
				return nil
			}
			return c.askAround(l, b)
		}})
		return
	}
	if _, below := l.At(position + limit); below && limit < page { // scrolling up
		position, limit = max(0, position+limit-page), page
	}
	limit = min(max(limit, page), c.limits.MaxObjectsInGet)
	win := l.Ask(position, limit)
	s.asked = append(s.asked, win)
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		if l != c.followed && l.Query().IsSearch() { // nobody waits for it any more
			s.forget(win)
			l.Fail(nil)
			return nil
		}
		q := c.askQuery(b, l, win)
		var rows []func(error)
		for _, w := range c.parts(l) {
			rows = append(rows, c.askRows(b, w, q.idsOf(w.account)))
		}
		return func(err error) {
			for _, done := range rows {
				done(err)
			}
			s.forget(win)
			c.applyWindow(l, win, q, err)
		}
	}})
}

// forget says that a window is not on its way any more.
func (s *windows) forget(win store.Window) {
	s.asked = slices.DeleteFunc(s.asked, func(w store.Window) bool { return w == win })
}

// askRows adds the call that gets the rows of what a query finds.
func (c *Client) askRows(b *batch, w *wire, ids *jmap.ResultReference) func(error) {
	a := w.account
	rows := ask[jmap.GetResponse[jmap.Email]](b, "Email/get", jmap.GetRequest{AccountId: a.Id(), IdsRef: ids, Properties: rowProperties})
	mark := a.Ask()
	return func(err error) {
		if err == nil && rows.Err() == nil {
			c.sawState(a, rows.Value.State)
			a.ApplyEmails(rows.Value.List, mark)
		}
		a.Answered(mark)
	}
}

// query is the Email/query for a stretch.
func query(l *store.List, win store.Window) jmap.QueryRequest[jmap.EmailFilter] {
	r := jmap.QueryRequest[jmap.EmailFilter]{
		AccountId: l.Account().Id(), Filter: l.Query().JMAP(), Sort: l.Query().Comparators(),
		Limit: &win.Limit, CalculateTotal: true, CollapseThreads: l.Query().Threads,
	}
	if win.Anchor != "" {
		r.Anchor, r.AnchorOffset = win.Anchor, win.Offset
	} else {
		r.Position = win.Position
	}
	return r
}

func (c *Client) applyWindow(l *store.List, win store.Window, q *found, err error) {
	switch {
	case lost(err):
		l.Fail(nil)
		return
	case err != nil:
		l.Fail(err)
		return
	case q.Err() != nil && win.Anchor != "" && !isTemporary(q.Err()):
		l.Fail(nil) // the anchor is gone: by position then
		if c.spend(l) {
			c.byPosition(l, win)
		}
		return
	case q.Err() != nil:
		l.Fail(q.Err())
		if isTemporary(q.Err()) {
			c.again(c.wireOf(l))
		}
		return
	}
	q.tell(l)
	l.Apply(win, q.response())
	if l == c.followed {
		c.fill(l)
	}
}

// askAround adds the query that brings l up to date around its viewport.
func (c *Client) askAround(l *store.List, b *batch) func(error) {
	win := l.Around(near)
	return c.askIds(l, win, b)
}

// byPosition asks for a stretch by position that could not be found by its anchor.
func (c *Client) byPosition(l *store.List, win store.Window) {
	w := c.wireOf(l)
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		return c.askIds(l, l.Ask(win.Position, win.Limit), b)
	}})
}

// askIds adds the query for a stretch without its rows: most are known, the rest
// is asked for when it is clear which.
func (c *Client) askIds(l *store.List, win store.Window, b *batch) func(error) {
	s := c.windowsOf(l)
	s.around = true
	q := c.askQuery(b, l, win)
	return func(err error) {
		s.around = false
		c.applyWindow(l, win, q, err)
	}
}

// rows fetches the rows of those of ids that lack one.
func (c *Client) rows(w *wire, l *store.List, ids []jmap.Id) {
	a := w.account
	var lacking []jmap.Id
	for _, id := range a.Lacking(ids) {
		if !w.fetching[id] && len(lacking) < c.limits.MaxObjectsInGet {
			lacking = append(lacking, id)
			w.fetching[id] = true
		}
	}
	if len(lacking) == 0 {
		return
	}
	release := func() {
		for _, id := range lacking {
			delete(w.fetching, id)
		}
	}
	if !c.spend(l) {
		release()
		return
	}
	c.enqueue(&job{wire: w, build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
			jmap.GetRequest{AccountId: a.Id(), Ids: lacking, Properties: rowProperties})
		mark := a.Ask()
		return func(err error) {
			release()
			if err != nil || got.Err() != nil {
				a.Answered(mark)
				if !lost(err) {
					l.SetErr(firstError(err, got.Err()))
				}
				return
			}
			c.sawState(a, got.Value.State)
			a.ApplyEmails(got.Value.List, mark)
			a.Answered(mark)
			a.EmailsGone(got.Value.NotFound)
			if l == c.followed {
				c.fill(l)
			}
		}
	}})
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
