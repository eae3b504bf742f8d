package client

import (
	"errors"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

const (
	// holdNews is how long news waits for the answer to a set under way.
	holdNews = 2 * time.Second
	// retrySync is when a sync that was refused is tried again.
	retrySync = 5 * time.Second
	// maxChanges is how many changed emails are asked for at once.
	maxChanges = 250
	// maxRounds is how often there may be more changes before fetching anew what
	// is on screen is the shorter way.
	maxRounds = 4
)

// StateChanged takes in what the bridge pushed. Call it from any goroutine.
func (c *Client) StateChanged(change jmap.StateChange) {
	c.onLoop(func() {
		for id, types := range change.Changed {
			w := c.accounts[id]
			if w == nil {
				c.renewSession() // an account we do not know
				continue
			}
			if state, ok := types["BridgeAccount"]; ok && w.account == c.store.Own() && state != c.session.accounts {
				c.session.accounts = state
				c.renewSession()
				if _, known, _ := c.store.BridgeAccounts(); known {
					c.OpenBridgeAccounts()
				}
			}
			if _, ok := types["Identity"]; ok {
				c.getIdentities(w)
			}
			if state, ok := types["BridgeSettings"]; ok && state != c.settings.state {
				c.getSettings(w)
			}
			if _, ok := types["EmailSubmission"]; ok {
				c.getOutbox(w)
			}
			if _, ok := types["BridgeTask"]; ok {
				c.getTasks(w)
			}
			if _, ok := types["Quota"]; ok {
				c.getQuotas(w)
			}
			email, ok := types["Email"]
			news := ok && email != w.account.EmailState()
			// What is pushed before the first answer may be newer than that.
			w.missed = w.missed || ok && w.account.EmailState() == ""
			mailbox, ok := types["Mailbox"]
			news = news || ok && mailbox != w.account.MailboxState()
			w.missed = w.missed || ok && !w.account.MailboxesKnown()
			if news {
				w.wanted = true
				c.syncIfWanted(w)
			}
		}
	})
}

// Refresh asks for all that changed in the account and in the list on screen.
func (c *Client) Refresh(a *store.Account) {
	for _, part := range a.Parts() {
		if w := c.accounts[part.Id()]; w != nil {
			w.wanted = true
			c.syncIfWanted(w)
		}
	}
}

// again asks in a while for news, and for what is on screen if that failed.
func (c *Client) again(w *wire) {
	if w.again {
		return
	}
	w.again = true
	c.later(retrySync, func() {
		w.again = false
		if !w.account.MailboxesKnown() {
			c.getMailboxes(w)
		}
		c.Refresh(w.account)
		if l := c.followed; l != nil && l.Covers(w.account) && l.Err() != nil {
			c.Fill(l)
		}
	})
}

// syncIfWanted starts a sync unless one is under way or has to wait for a set.
func (c *Client) syncIfWanted(w *wire) {
	if !w.wanted || w.syncing {
		return
	}
	if w.setting {
		if !w.holding {
			w.holding = true
			c.later(holdNews, func() {
				if w.holding {
					w.holding = false
					c.sync(w)
				}
			})
		}
		return
	}
	w.holding = false
	c.sync(w)
}

func (c *Client) sync(w *wire) {
	if w.wanted && !w.syncing {
		c.enqueue(&job{wire: w, key: "sync" + string(w.account.Id()), build: func(b *batch) func(error) { return c.buildSync(w, b) }})
	}
}

// news are the answers of a sync; nil where nothing was asked.
type news struct {
	mailboxes      *answer[jmap.ChangesResponse]
	mailboxCreated *answer[jmap.GetResponse[jmap.Mailbox]]
	mailboxUpdated *answer[jmap.GetResponse[jmap.Mailbox]]
	emails         *answer[jmap.ChangesResponse]
	emailCreated   *answer[jmap.GetResponse[jmap.Email]]
	emailUpdated   *answer[jmap.GetResponse[jmap.Email]]
	threads        *answer[jmap.ChangesResponse]
}

// buildSync asks in one request for what became of mailboxes and emails, for the
// new rows, and for the list on screen.
func (c *Client) buildSync(w *wire, b *batch) func(error) {
	a := w.account
	w.wanted, w.syncing = false, true
	before := len(b.calls)
	var n news
	if state := a.MailboxState(); a.MailboxesKnown() && state != "" {
		n.mailboxes = ask[jmap.ChangesResponse](b, "Mailbox/changes", jmap.ChangesRequest{AccountId: a.Id(), SinceState: state})
		n.mailboxCreated = ask[jmap.GetResponse[jmap.Mailbox]](b, "Mailbox/get",
			jmap.GetRequest{AccountId: a.Id(), IdsRef: n.mailboxes.ref("/created")})
		n.mailboxUpdated = ask[jmap.GetResponse[jmap.Mailbox]](b, "Mailbox/get",
			jmap.GetRequest{AccountId: a.Id(), IdsRef: n.mailboxes.ref("/updated")})
	}
	if state := a.EmailState(); state != "" {
		n.emails = ask[jmap.ChangesResponse](b, "Email/changes",
			jmap.ChangesRequest{AccountId: a.Id(), SinceState: state, MaxChanges: maxChanges})
		n.emailCreated = ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
			jmap.GetRequest{AccountId: a.Id(), IdsRef: n.emails.ref("/created"), Properties: rowProperties})
		n.emailUpdated = ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
			jmap.GetRequest{AccountId: a.Id(), IdsRef: n.emails.ref("/updated"), Properties: flagProperties})
	}
	if state := a.ThreadState(); state != "" {
		n.threads = ask[jmap.ChangesResponse](b, "Thread/changes",
			jmap.ChangesRequest{AccountId: a.Id(), SinceState: state, MaxChanges: maxChanges})
	}
	var listDone func(error)
	if l := c.followed; l != nil && l.Covers(a) && l.Known() {
		c.windowsOf(l).budget = fetchBudget // news may need as much as a look: none of it is our asking
		listDone = c.askAround(l, b)
	}
	if len(b.calls) == before {
		w.syncing = false
		return nil
	}
	mark := a.Ask()
	return func(err error) {
		w.syncing = false
		if err == nil {
			c.applyMailboxNews(w, n)
			c.applyEmailNews(w, n, mark)
			c.applyThreadNews(w, n.threads)
		} else if !lost(err) {
			c.again(w)
		}
		a.Answered(mark)
		if listDone != nil {
			listDone(err)
		}
		if err == nil {
			c.syncIfWanted(w)
		}
	}
}

func (c *Client) applyMailboxNews(w *wire, n news) {
	if n.mailboxes == nil {
		return
	}
	switch err := n.mailboxes.Err(); {
	case isTemporary(err):
		c.again(w)
		return
	case err != nil, n.mailboxCreated.Err() != nil, n.mailboxUpdated.Err() != nil:
		c.getMailboxes(w) // cannotCalculateChanges, or as good as that
		return
	}
	v := &n.mailboxes.Value
	w.account.UpdateMailboxes(append(n.mailboxCreated.Value.List, n.mailboxUpdated.Value.List...), v.Destroyed, v.NewState)
	w.wanted = w.wanted || v.HasMoreChanges
}

func (c *Client) applyEmailNews(w *wire, n news, m store.Mark) {
	if n.emails == nil {
		return
	}
	a := w.account
	switch err := n.emails.Err(); {
	case isTemporary(err):
		c.again(w)
		return
	case err != nil, n.emailCreated.Err() != nil, n.emailUpdated.Err() != nil:
		c.startOver(w)
		return
	}
	v := &n.emails.Value
	a.ApplyEmails(n.emailCreated.Value.List, m)
	a.ApplyFlags(n.emailUpdated.Value.List, m)
	a.EmailsGone(v.Destroyed)
	a.SetEmailState(v.NewState)
	if !v.HasMoreChanges {
		w.rounds = 0
		return
	}
	if w.rounds++; w.rounds >= maxRounds {
		w.rounds = 0
		c.startOver(w)
		return
	}
	w.wanted = true
}

// startOver is for when the bridge cannot say what changed: what is on screen
// stays, and is quietly fetched again along with a new state to go on from.
func (c *Client) startOver(w *wire) {
	a := w.account
	a.EmailsStale()
	a.SetEmailState("")
	c.enqueue(&job{wire: w, key: "state" + string(a.Id()), build: func(b *batch) func(error) {
		got := ask[jmap.GetResponse[jmap.Email]](b, "Email/get",
			jmap.GetRequest{AccountId: a.Id(), Ids: []jmap.Id{}, Properties: []string{"id"}})
		return func(err error) {
			if err == nil && got.Err() == nil {
				c.sawState(a, got.Value.State)
			}
		}
	}})
	if l := c.followed; l != nil && l.Covers(a) {
		c.windowsOf(l).budget = fetchBudget
		c.fill(l)
	}
}

// sawState remembers where Email/changes goes on from. Only the first state
// counts: a later one may lie behind changes that nobody has asked for.
func (c *Client) sawState(a *store.Account, state jmap.State) {
	if a.EmailState() == "" {
		a.SetEmailState(state)
		c.catchUp(c.accounts[a.Id()])
	}
}

// catchUp syncs what news came of before there was a state to go on from.
func (c *Client) catchUp(w *wire) {
	if w.missed {
		w.missed, w.wanted = false, true
		c.syncIfWanted(w)
	}
}

// isTemporary reports whether a method may work in a while just as it is.
func isTemporary(err error) bool {
	var m *jmap.MethodError
	return errors.As(err, &m) && (m.Type == jmap.ServerUnavailable || m.Type == jmap.ServerFail)
}
