package client

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// Client is the wire of one session.
type Client struct {
	store  *store.Store
	caller jmap.Caller
	post   func(func())
	ctx    context.Context //nolint:containedctx // the life of the client, ended by Close
	cancel context.CancelFunc

	online   bool
	using    []string
	limits   jmap.CoreCapability
	queue    []*job
	flushing bool
	requests int  // on their way
	failures int  // requests in a row that brought no answer
	doubtful bool // after a failure: wait
	nextCall int
	resting  *time.Timer // until bodies are fetched ahead

	accounts map[jmap.Id]*wire
	followed *store.List
	windows  map[*store.List]*windows
	settings settings
	session  sessionWatch
}

// wire is what is under way for an account.
type wire struct {
	account    *store.Account
	setting    bool // a request with a set is on its way
	syncing    bool
	wanted     bool // a sync
	missed     bool // a sync was wanted of what had no state to go on from yet
	holding    bool // the wanted sync waits for the set
	again      bool // a later attempt is arranged
	rounds     int  // of a sync that has more changes
	limits     bool // are asked for soon
	outbox     bool // is asked for soon
	fetching   map[jmap.Id]bool
	identities bool             // the bridge has told them
	threads    bool             // some are on their way
	ahead      map[jmap.Id]bool // bodies that were asked for before anybody opened them
}

// New makes the client of a session. caller answers requests; post runs a
// function on the UI loop, from any goroutine. Nothing is sent before Connected
// has been told that the way is open.
func New(s *store.Store, caller jmap.Caller, post func(func())) *Client {
	ctx, cancel := context.WithCancel(context.Background())
	return &Client{
		store: s, caller: caller, post: post, ctx: ctx, cancel: cancel,
		accounts: make(map[jmap.Id]*wire), windows: make(map[*store.List]*windows),
	}
}

// Close ends all requests; nothing reaches the store any more.
func (c *Client) Close() { c.cancel() }

// Limits assumed where a session does not name them: the least RFC 8620 §2 suggests.
const (
	defaultMaxCalls    = 16
	defaultMaxObjects  = 500
	defaultMaxRequests = 4
)

// Start takes over a session, the first or a new one, and fetches mailboxes and
// identities. Call it on the UI loop.
func (c *Client) Start(session *jmap.Session) {
	c.limits = jmap.CoreCapability{}
	_ = json.Unmarshal(session.Capabilities[jmap.CapabilityCore], &c.limits) // a bad one gets the defaults
	orDefault(&c.limits.MaxCallsInRequest, defaultMaxCalls)
	orDefault(&c.limits.MaxObjectsInGet, defaultMaxObjects)
	orDefault(&c.limits.MaxObjectsInSet, defaultMaxObjects)
	orDefault(&c.limits.MaxConcurrentRequests, defaultMaxRequests)
	c.using = nil
	for _, uri := range []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission, jmap.CapabilityVacation, jmap.CapabilityQuota, jmap.CapabilityBlob, jmap.CapabilityBridge} {
		if _, ok := session.Capabilities[uri]; ok || uri == jmap.CapabilityCore || uri == jmap.CapabilityMail {
			c.using = append(c.using, uri)
		}
	}
	c.session.state = session.State
	c.store.SetAccounts(session)
	maps.DeleteFunc(c.accounts, func(id jmap.Id, _ *wire) bool { return c.store.Account(id) == nil })
	if l := c.followed; l != nil && c.store.Account(l.Account().Id()) != l.Account() {
		c.followed = nil
	}
	for _, a := range c.store.Accounts() {
		if c.accounts[a.Id()] == nil {
			c.accounts[a.Id()] = &wire{account: a, fetching: make(map[jmap.Id]bool), ahead: make(map[jmap.Id]bool)}
		}
	}
	c.resync()
}

func orDefault(n *int, def int) {
	if *n <= 0 {
		*n = def
	}
}

// Connected tells how far the way to the bridge is open. Call it from any goroutine.
func (c *Client) Connected(state store.Connection) {
	c.onLoop(func() {
		was := c.online
		c.online = state.State == store.Online
		c.store.SetConnection(state)
		if c.online && !was {
			c.failures = 0
			c.resync()
		}
	})
}

// onLoop runs f on the UI loop unless the client is closed by then.
func (c *Client) onLoop(f func()) {
	c.post(func() {
		if c.ctx.Err() == nil {
			f()
		}
	})
}

// later runs f on the UI loop after d.
func (c *Client) later(d time.Duration, f func()) {
	time.AfterFunc(d, func() { c.onLoop(f) })
}

// resync asks for all that is not known or may be old.
func (c *Client) resync() {
	c.doubtful = false
	for _, w := range c.accounts {
		if !w.account.MailboxesKnown() {
			c.getMailboxes(w)
		}
		if !w.identities {
			c.getIdentities(w)
		}
		c.getSettings(w)
		c.quotasLater(w)
		c.outboxLater(w)
		c.getTasks(w)
		w.wanted = true
		for _, id := range w.account.Opened() {
			if e := w.account.Email(id); e == nil || e.Body() != store.BodyReady {
				c.OpenEmail(w.account, id)
			}
		}
		c.syncIfWanted(w)
	}
	if c.followed != nil {
		c.windowsOf(c.followed).budget = fetchBudget
		c.fill(c.followed)
	}
	c.flushSoon()
}
