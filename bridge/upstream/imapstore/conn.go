package imapstore

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

// conn is one connection, signed in.
type conn struct {
	*imapwire.Conn
	server     string // host:port, for errors
	lastUsed   time.Time
	background bool // lent to what nobody waits for
	near       bool // the server is on this machine

	features *features
	used     []imap.Cap // features this loan made use of
	names    *names
	asked    *imapwire.NamespaceCommand // nil: not asked, or answered

	// What is selected; "" for nothing.
	mailbox     string
	uidValidity uint32
	uidNext     uint32 // at that time; UIDs from here on may need a NOOP
	// writes is how many writes through any connection this selection shows.
	writes uint64
	shared *atomic.Uint64 // all writes of the Store
}

// can reports whether the server says that it can do something, and has not been
// caught lying about it.
func (c *conn) can(name imap.Cap) bool {
	if !c.Has(name) || c.features.lies(name) {
		return false
	}
	c.used = append(c.used, name)
	return true
}

// try runs f, and again without a feature it made use of when the server does not know a
// command it said it knew: the last used is the first suspect.
func (c *conn) try(f func(c *conn) error) error {
	c.used = nil
	err := f(c)
	if !isBad(err) || c.Err() != nil {
		return err
	}
	tried := map[imap.Cap]bool{}
	for _, suspect := range slices.Backward(c.used) {
		if tried[suspect] {
			continue
		}
		tried[suspect] = true
		if err := c.Drain(); err != nil {
			return err
		}
		c.features.off(suspect, true)
		if err = f(c); !isBad(err) {
			delete(tried, suspect)
			break
		}
	}
	for innocent := range tried {
		c.features.off(innocent, false)
	}
	return err
}

func isBad(err error) bool {
	e := new(imap.Error)
	return errors.As(err, &e) && e.Type == imap.StatusResponseTypeBad
}

// stale is how long a connection may lie idle without being asked whether it is
// still there.
const stale = time.Minute

// probe is how long a connection has to answer when it is asked: after it, a new
// one is quicker.
const probe = 5 * time.Second

// justNow is how long after its last use a connection is taken to be there without looking,
// for what may be done again.
const justNow = time.Second

// usable makes sure that an idle connection is still there.
func (c *conn) usable(ctx context.Context, l loan) bool {
	idle := time.Since(c.lastUsed)
	if l.again && idle < justNow {
		return true
	}
	if !c.Alive() {
		return false
	}
	if idle < stale && (l.again || !c.Compressed()) { // a compressed one cannot be looked at
		return true
	}
	defer context.AfterFunc(ctx, c.Close)()
	defer time.AfterFunc(probe, c.Close).Stop()
	return c.Noop().Do() == nil && c.Err() == nil
}

// selectMailbox selects a mailbox and remembers it.
func (c *conn) selectMailbox(name string) (*imapwire.Selected, error) {
	cmd, err := c.startSelect(name, imapwire.SelectOptions{CondStore: c.can(imap.CapCondStore)})
	if err != nil {
		return nil, err
	}
	return c.selected(name, cmd)
}

func (c *conn) startSelect(name string, o imapwire.SelectOptions) (*imapwire.SelectCommand, error) {
	wire, err := c.wire(name)
	if err != nil {
		return nil, err
	}
	c.mailbox, c.writes = "", c.shared.Load()
	cmd := c.Select(wire, o)
	return cmd, cmd.Send()
}

func (c *conn) selected(name string, cmd *imapwire.SelectCommand) (*imapwire.Selected, error) {
	box, err := cmd.Wait()
	if err != nil {
		return nil, noMailbox(err)
	}
	c.mailbox, c.uidValidity, c.uidNext = name, box.UIDValidity, box.UIDNext
	return box, nil
}

// noMailbox: a server that refuses to open or count a mailbox and does not say
// why means that it is not there.
func noMailbox(err error) error {
	e := new(imap.Error)
	if errors.As(err, &e) && e.Type == imap.StatusResponseTypeNo && kindOf(e) == upstream.KindRefused &&
		(e.Code == "" || e.Code == imap.ResponseCodeNonExistent) {
		return errors.Join(upstream.ErrNoMailbox, err)
	}
	return err
}

// wrote notes a write, which other connections have yet to see.
func (c *conn) wrote() {
	if now := c.shared.Add(1); c.writes == now-1 {
		c.writes = now
	}
}

// refresh has the server show what happened meanwhile, where that could matter: a
// selected mailbox is seen as it was at the last NOOP (RFC 9051 §5.2), so this
// connection may not know of a new message, or of what another of ours wrote. It costs
// a round trip: Dovecot puts off what a NOOP does when another command follows at once.
func (c *conn) refresh(uids []uint32) error {
	behind := c.writes < c.shared.Load()
	if !behind && !slices.ContainsFunc(uids, func(uid uint32) bool { return uid >= c.uidNext }) {
		return nil
	}
	return c.settle()
}

// settle has the server bring what it shows of the selected mailbox up to date.
func (c *conn) settle() error {
	if c.mailbox == "" {
		return nil
	}
	c.writes = c.shared.Load()
	return c.Noop().Do()
}

// maxRanges is how many ranges of UIDs one command names: 22 octets at most each,
// and a line should stay below 8192 octets (RFC 7162 §4).
const maxRanges = 350

// each runs f for as many commands as naming the UIDs takes; none for none.
func (c *conn) each(uids []uint32, f func(set imap.UIDSet) error) error {
	if err := c.refresh(uids); err != nil {
		return err
	}
	for set := range slices.Chunk(uidSet(uids), maxRanges) {
		if err := f(set); err != nil {
			return err
		}
	}
	return nil
}

// fetch asks for messages and gives take each of them once. What the server tells of
// others is not listened to.
func (c *conn) fetch(uids []uint32, items imapwire.Items, take func(*imapwire.Message)) error {
	taken := make(map[imap.UID]bool, len(uids))
	return c.each(uids, func(set imap.UIDSet) error {
		return c.Fetch(set, items, func(m *imapwire.Message) error {
			if m.UID != 0 && !taken[m.UID] && set.Contains(m.UID) {
				taken[m.UID] = true
				take(m)
			}
			return nil
		}).Do()
	})
}

func uidSet(uids []uint32) imap.UIDSet {
	return rangesOf(upstream.NewUIDSet(uids...))
}

func rangesOf(uids upstream.UIDSet) imap.UIDSet {
	var set imap.UIDSet
	for first, last := range uids.Ranges() {
		set = append(set, imap.UIDRange{Start: imap.UID(first), Stop: imap.UID(last)})
	}
	return set
}

// spine makes our set of the wire's, whose ranges may come in any order.
func spine(ranges imap.UIDSet) upstream.UIDSet {
	if !slices.IsSortedFunc(ranges, byStart) {
		ranges = slices.Clone(ranges)
		slices.SortFunc(ranges, byStart)
	}
	var b upstream.UIDSetBuilder
	for _, r := range ranges {
		b.AddRange(uint32(r.Start), uint32(r.Stop))
	}
	return b.Set()
}

func byStart(a, b imap.UIDRange) int { return int(int64(a.Start) - int64(b.Start)) }
