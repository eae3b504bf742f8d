package imapwire

import (
	"errors"
	"net"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Options of a Conn.
type Options struct {
	Silence time.Duration // a server may be silent for while it is waited for
	Budget  int64         // octets it may send for one command
	Told    func(Told)    // called for what the server tells unasked; may be nil
}

// Told is one thing a server tells unasked. One field is set.
type Told struct {
	Exists   bool        // the number of messages in the selected mailbox
	Gone     bool        // messages of the selected mailbox are no longer there
	Message  *Message    // keywords of a message in the selected mailbox
	Status   *StatusData // of any mailbox (RFC 5465)
	Mailbox  *Mailbox    // that came, went or changed its name (RFC 5465)
	Overflow bool        // the server tells no more (RFC 5465 §5.8)
}

// Conn is a connection to an IMAP server. Its methods are for one goroutine at a
// time, but for Close.
type Conn struct {
	// Selected is what is known of the selected mailbox, nil for none.
	Selected *Selected

	stream  *stream
	in      *reader
	budget  int64
	told    func(Told)
	caps    imap.CapSet
	greeted string // the greeting's text
	utf8    bool   // RFC 6855 is in force
	tags    uint64
	pending []*Command // sent and not answered, oldest first
	waiting bool       // for the server to ask for more
	more    bool       // it does
	asking  []byte     // its words
	err     error      // why the connection is of no more use
}

// New makes a Conn of a connection on which nothing has been said.
func New(raw net.Conn, o Options) *Conn {
	c := &Conn{stream: newStream(raw, o.Silence), budget: o.Budget, told: o.Told}
	if c.told == nil {
		c.told = func(Told) {}
	}
	c.stream.left = c.budget
	c.in = newReader(c.stream)
	return c
}

// Close hangs up; what waits for the server ends. It may be called from any
// goroutine, and more than once.
func (c *Conn) Close() { c.stream.close() }

// Err is why the connection is of no more use, nil while it is.
func (c *Conn) Err() error { return c.err }

// fail notes an error after which nothing can be read or written any more. A Conn
// never goes on after one: what the server says next could mean anything.
func (c *Conn) fail(err error) error {
	if err != nil && c.err == nil {
		c.err = err
		c.Close()
	}
	return err
}

// renew gives the server the right to send Options.Budget again.
func (c *Conn) renew() { c.stream.left = c.budget }

// lastWords reads what the server said before it stopped listening.
func (c *Conn) lastWords(broke error) error {
	c.stream.until = time.Now().Add(time.Second)
	for {
		err := c.read()
		var bye *imap.Error
		if errors.As(err, &bye) {
			return err
		}
		if err != nil {
			return broke
		}
	}
}

// Has reports whether the server says that it can do something.
func (c *Conn) Has(name imap.Cap) bool { return c.caps.Has(name) }

// CapsKnown reports whether the server has said what it can do.
func (c *Conn) CapsKnown() bool { return len(c.caps) > 0 }

// maxCaps a server may claim.
const maxCaps = 1000

func (c *Conn) setCaps(words []string) {
	c.caps = make(imap.CapSet, len(words))
	for _, w := range words[:min(len(words), maxCaps)] {
		switch upper := strings.ToUpper(w); upper {
		case "IMAP4REV1":
			c.caps[imap.CapIMAP4rev1] = struct{}{}
		case "IMAP4REV2":
			c.caps[imap.CapIMAP4rev2] = struct{}{}
		default:
			c.caps[imap.Cap(upper)] = struct{}{}
		}
	}
}

// Greeting waits for the server to say hello, for at most limit.
func (c *Conn) Greeting(limit time.Duration) (*Status, error) {
	c.stream.until = time.Now().Add(limit)
	defer func() { c.stream.until = time.Time{} }()
	c.in.begin()
	s, err := c.greeting()
	return s, c.fail(err)
}

func (c *Conn) greeting() (*Status, error) {
	word, err := c.in.word("")
	if err != nil {
		return nil, err
	}
	if string(word) != "*" {
		return nil, violation("no greeting")
	}
	if err := c.in.space(); err != nil {
		return nil, err
	}
	if word, err = c.in.word(""); err != nil {
		return nil, err
	}
	kind := imap.StatusResponseType(strings.ToUpper(string(word)))
	switch kind {
	case imap.StatusResponseTypeOK, imap.StatusResponseTypePreAuth, imap.StatusResponseTypeBye:
	default:
		return nil, violation("no greeting")
	}
	s, err := c.status(kind)
	if err != nil {
		return nil, err
	}
	c.greeted = s.Text
	if s.Code.Name == codeCapability {
		c.setCaps(s.Code.words())
	}
	return s, nil
}

// Greeted is the text of the server's greeting.
func (c *Conn) Greeted() string { return c.greeted }

// asked waits for the server to ask for more; false when it answers the command
// instead.
func (c *Conn) asked(cmd *Command) (bool, error) {
	if err := c.stream.flush(); err != nil {
		return false, err
	}
	c.waiting, c.more = true, false
	defer func() { c.waiting, c.more = false, false }()
	for !cmd.done && !c.more {
		if err := c.read(); err != nil {
			return false, err
		}
	}
	return !cmd.done, nil
}

// Listen waits until the server says something unasked, and reads it, and all else that
// has come. It is nil when nothing comes before the deadline. It cannot be used on a
// compressed connection.
func (c *Conn) Listen(deadline time.Time) error {
	if c.err != nil {
		return c.err
	}
	if err := c.fail(c.stream.flush()); err != nil {
		return err
	}
	c.stream.until = deadline
	_, err := c.in.peek()
	c.stream.until = time.Time{}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	c.renew()
	for err == nil {
		if err = c.read(); err != nil || len(c.in.buffered()) == 0 {
			break
		}
	}
	return c.fail(err)
}

// Compressed reports whether the connection is compressed.
func (c *Conn) Compressed() bool { return c.stream.zip != nil }

// Compress begins compression (RFC 4978).
func (c *Conn) Compress() error {
	if err := c.command("COMPRESS DEFLATE").Do(); err != nil {
		return err
	}
	early := append([]byte(nil), c.in.buffered()...)
	c.in.at = c.in.end
	return c.fail(c.stream.compress(early))
}

// Drain waits for the answers to all that was sent.
func (c *Conn) Drain() error {
	for len(c.pending) > 0 {
		if err := c.pending[0].Wait(); c.err != nil {
			return err
		}
	}
	return c.err
}

// Alive looks whether the server has hung up while nobody listened, without asking
// it; what it has told meanwhile is read. On a compressed connection it does not look.
func (c *Conn) Alive() bool {
	if c.err != nil {
		return false
	}
	return c.Compressed() || c.Listen(time.Now().Add(moment)) == nil
}

// moment is long enough to see what has come already.
const moment = 100 * time.Microsecond
