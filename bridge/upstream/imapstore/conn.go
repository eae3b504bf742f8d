package imapstore

import (
	"errors"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
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
	uidNext     uint32 // when the server last told; UIDs from here on may need a NOOP
}

// hangUp closes the connection without a word: what waits for the server ends.
func (c *conn) hangUp() {
	c.hang.Do(func() {
		_ = c.link.Conn.Close() // the library's Close would wait for what is not read
		_ = c.Client.Close()
	})
}

func (c *conn) closed() bool {
	select {
	case <-c.Client.Closed():
		return true
	default:
		return false
	}
}

// stale is how long a connection may lie idle without being asked whether it is
// still there.
const stale = time.Minute

// usable makes sure that an idle connection is still there.
func (c *conn) usable() bool {
	if c.closed() {
		return false
	}
	if time.Since(c.lastUsed) < stale {
		return true
	}
	c.link.busy(true)
	defer c.link.busy(false)
	return c.Noop().Wait() == nil
}

// selectMailbox selects a mailbox and remembers it.
func (c *conn) selectMailbox(name string) (*imap.SelectData, error) {
	return c.selected(name, c.startSelect(name))
}

func (c *conn) startSelect(name string) *imapclient.SelectCommand {
	c.mailbox = ""
	return c.Select(name, &imap.SelectOptions{CondStore: c.caps.Has(imap.CapCondStore)})
}

func (c *conn) selected(name string, cmd *imapclient.SelectCommand) (*imap.SelectData, error) {
	data, err := cmd.Wait()
	if err != nil {
		if e := new(imap.Error); errors.As(err, &e) && e.Type == imap.StatusResponseTypeNo && e.Code != imap.ResponseCodeUnavailable {
			return nil, errors.Join(upstream.ErrNoMailbox, err)
		}
		return nil, err
	}
	c.mailbox, c.uidValidity, c.uidNext = name, data.UIDValidity, uint32(data.UIDNext)
	return data, nil
}

// see makes sure that the server shows us these messages: one that came after the
// mailbox was selected may need a NOOP first.
func (c *conn) see(uids []uint32) *imapclient.Command {
	for _, uid := range uids {
		if uid >= c.uidNext {
			c.uidNext = uid + 1
			return c.Noop()
		}
	}
	return nil
}

func finish(cmd *imapclient.Command) error {
	if cmd == nil {
		return nil
	}
	return cmd.Wait()
}

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for first, last := range upstream.NewUIDSet(uids...).Ranges() {
		set.AddRange(imap.UID(first), imap.UID(last))
	}
	return set
}
