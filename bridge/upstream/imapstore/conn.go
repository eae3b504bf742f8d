package imapstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// conn is one connection, signed in.
type conn struct {
	*imapclient.Client
	server   string // host:port, for errors
	link     *link
	caps     imap.CapSet
	lastUsed time.Time
	hang     sync.Once

	// What is selected; "" for nothing.
	mailbox     string
	uidValidity uint32
	uidNext     uint32 // at that time; UIDs from here on may need a NOOP
	// writes is how many writes through any connection this selection shows.
	writes uint64
	shared *atomic.Uint64 // all writes of the Store
}

// hangUp closes the connection without a word: what waits for the server ends.
func (c *conn) hangUp() {
	c.hang.Do(func() {
		_ = c.link.Close() // the library's Close would wait for what is not read
		_ = c.Close()
	})
}

func (c *conn) closed() bool {
	select {
	case <-c.Closed():
		return true
	default:
		return false
	}
}

// stale is how long a connection may lie idle without being asked whether it is
// still there.
const stale = time.Minute

// probe is how long a connection has to answer when it is asked: after it, a new
// one is quicker.
const probe = 5 * time.Second

// usable makes sure that an idle connection is still there.
func (c *conn) usable(ctx context.Context) bool {
	if c.closed() {
		return false
	}
	if time.Since(c.lastUsed) < stale {
		return true
	}
	c.link.busy(true)
	defer c.link.busy(false)
	defer context.AfterFunc(ctx, c.hangUp)()
	defer time.AfterFunc(probe, c.hangUp).Stop()
	return c.Noop().Wait() == nil && !c.closed()
}

// selectMailbox selects a mailbox and remembers it.
func (c *conn) selectMailbox(name string) (*imap.SelectData, error) {
	return c.selected(name, c.startSelect(name))
}

func (c *conn) startSelect(name string) *imapclient.SelectCommand {
	c.mailbox, c.writes = "", c.shared.Load()
	return c.Select(name, &imap.SelectOptions{CondStore: c.caps.Has(imap.CapCondStore)})
}

func (c *conn) selected(name string, cmd *imapclient.SelectCommand) (*imap.SelectData, error) {
	data, err := cmd.Wait()
	if err != nil {
		return nil, noMailbox(err)
	}
	c.mailbox, c.uidValidity, c.uidNext = name, data.UIDValidity, uint32(data.UIDNext)
	return data, nil
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
// connection may not know of a new message, or of what another of ours wrote. It
// is finished before the next command starts: a change of flags told during a
// FETCH takes the place of the answer for that message in the library.
func (c *conn) refresh(uids []uint32) error {
	behind := c.writes < c.shared.Load()
	if !behind && !slices.ContainsFunc(uids, func(uid uint32) bool { return uid >= c.uidNext }) {
		return nil
	}
	c.writes = c.shared.Load()
	return c.Noop().Wait()
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

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for first, last := range upstream.NewUIDSet(uids...).Ranges() {
		set.AddRange(imap.UID(first), imap.UID(last))
	}
	return set
}
