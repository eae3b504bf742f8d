package imapwire

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
)

// Mailbox is one mailbox as LIST or LSUB tells of it.
type Mailbox struct {
	Wire      string // the name as it came
	Attrs     []imap.MailboxAttr
	Delimiter string // "" for none
	Status    *StatusData
	OldName   string // as it came, where it is new (RFC 9051 §6.3.9.7)
}

// Has looks for an attribute; servers spell \NoSelect in several ways.
func (m *Mailbox) Has(attr imap.MailboxAttr) bool {
	for _, a := range m.Attrs {
		if strings.EqualFold(string(a), string(attr)) {
			return true
		}
	}
	return false
}

// StatusData is what STATUS tells of a mailbox; what it does not tell is 0.
type StatusData struct {
	Wire          string // the name as it came
	Messages      uint32
	Unseen        uint32
	UIDNext       uint32
	UIDValidity   uint32
	HighestModSeq uint64
	MailboxID     string // RFC 8474
}

// UTF8 reports whether names of mailboxes are UTF-8 (RFC 6855, 9051), not modified
// UTF-7.
func (c *Conn) UTF8() bool {
	return c.utf8 || c.caps.Has(imap.CapIMAP4rev2) && !c.hasExactly(imap.CapIMAP4rev1)
}

func (c *Conn) hasExactly(name imap.Cap) bool {
	_, ok := c.caps[name]
	return ok
}

// DecodeName gives a name as people read it. One that is not encoded as it should be is
// shown as it is, octets that are no UTF-8 as in Latin-1; exact is false then, and the
// name must be kept as it came to be used again.
func (c *Conn) DecodeName(wire string) (name string, exact bool) {
	if !c.UTF8() {
		if name, ok := DecodeUTF7(wire); ok {
			return name, true
		}
	} else if utf8.ValidString(wire) {
		return wire, true
	}
	if utf8.ValidString(wire) {
		return wire, false
	}
	runes := make([]rune, len(wire))
	for i := range len(wire) {
		runes[i] = rune(wire[i])
	}
	return string(runes), false
}

// EncodeName is the other way round, for names that were decoded exactly.
func (c *Conn) EncodeName(name string) string {
	if c.UTF8() {
		return name
	}
	return EncodeUTF7(name)
}

// mailbox writes a mailbox's name, encoded already.
func (cmd *Command) mailbox(wire string) *Command { return cmd.text(wire) }

// ListOptions of List. All but Status need LIST-EXTENDED; Status needs LIST-STATUS.
type ListOptions struct {
	Subscribed, SpecialUse bool
	Status                 *StatusItems
}

// StatusItems is what STATUS asks for.
type StatusItems struct {
	Counts        bool // MESSAGES, UNSEEN, UIDNEXT and UIDVALIDITY
	HighestModSeq bool
	MailboxID     bool
}

func (cmd *Command) statusItems(i *StatusItems) {
	cmd.open()
	if i.Counts {
		cmd.raw("MESSAGES UNSEEN UIDNEXT UIDVALIDITY")
	}
	if i.HighestModSeq {
		cmd.raw("HIGHESTMODSEQ")
	}
	if i.MailboxID {
		cmd.raw("MAILBOXID")
	}
	cmd.shut()
}

// maxMailboxes are told of; more are read and dropped.
const maxMailboxes = 100_000

// ListCommand is a LIST or LSUB.
type ListCommand struct {
	*Command
	Mailboxes []*Mailbox
}

func (l *ListCommand) take(m *Mailbox) {
	if len(l.Mailboxes) < maxMailboxes {
		l.Mailboxes = append(l.Mailboxes, m)
	}
}

// List lists all mailboxes. Those with Options.Status have their Status in Mailboxes.
func (c *Conn) List(o ListOptions) *ListCommand {
	l := &ListCommand{Command: c.command(`LIST "" "*"`)}
	if o != (ListOptions{}) {
		l.raw("RETURN").open()
		if o.Subscribed {
			l.raw("SUBSCRIBED")
		}
		if o.SpecialUse {
			l.raw("SPECIAL-USE")
		}
		if o.Status != nil {
			l.raw("STATUS").statusItems(o.Status)
		}
		l.shut()
	}
	byName := map[string]*Mailbox{}
	l.on.list = func(m *Mailbox) {
		byName[m.Wire] = m
		l.take(m)
	}
	if o.Status != nil {
		l.on.status = func(s *StatusData) {
			if m := byName[s.Wire]; m != nil {
				m.Status = s
			}
		}
	}
	return l
}

// Lsub lists the subscribed mailboxes.
func (c *Conn) Lsub() *ListCommand {
	l := &ListCommand{Command: c.command(`LSUB "" "*"`)}
	l.on.lsub = l.take
	return l
}

// listed reads (\Attrs) "/" name (extended data), of LIST and LSUB.
func (c *Conn) listed(name string) error {
	m := &Mailbox{}
	err := c.in.each(func() error {
		word, err := c.in.word("()")
		if err == nil && len(m.Attrs) < 100 {
			m.Attrs = append(m.Attrs, imap.MailboxAttr(word))
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := c.in.space(); err != nil {
		return err
	}
	if m.Delimiter, err = c.in.str(); err != nil {
		return err
	}
	if err := c.in.space(); err != nil {
		return err
	}
	if m.Wire, err = c.in.name(); err != nil {
		return err
	}
	if err := c.in.spaces(); err != nil {
		return err
	}
	if b, err := c.in.peek(); err != nil {
		return err
	} else if b == '(' {
		if err := c.in.extended(m); err != nil {
			return err
		}
	}
	for _, cmd := range c.pending {
		switch {
		case name == "LIST" && cmd.on.list != nil:
			cmd.on.list(m)
			return nil
		case name == "LSUB" && cmd.on.lsub != nil:
			cmd.on.lsub(m)
			return nil
		}
	}
	c.told(Told{Mailbox: m})
	return nil
}

// maxName is more than any server allows.
const maxName = 16 << 10

// name reads a mailbox's name. It may be the word NIL.
func (r *reader) name() (string, error) {
	text, _, err := r.text(maxName)
	return string(text), err
}

// extended reads (tag value tag value) of RFC 5258 §6.
func (r *reader) extended(m *Mailbox) error {
	tag, tagged := "", false
	return r.each(func() error {
		if tagged = !tagged; tagged {
			text, _, err := r.text(100)
			tag = strings.ToUpper(string(text))
			return err
		}
		if tag != "OLDNAME" {
			return r.skip()
		}
		return r.each(func() (err error) {
			m.OldName, err = r.name()
			return err
		})
	})
}

// StatusCommand is a STATUS.
type StatusCommand struct {
	*Command
	Data *StatusData // nil: the server did not tell
}

// Status asks for a mailbox's numbers. Several may be sent at once: the answers come
// in order.
func (c *Conn) Status(wire string, items StatusItems) *StatusCommand {
	s := &StatusCommand{Command: c.command("STATUS").mailbox(wire)}
	s.statusItems(&items)
	s.on.status = func(d *StatusData) { s.Data = d }
	return s
}

// statusData reads name (ITEM value …).
func (c *Conn) statusData() error {
	d := &StatusData{}
	var err error
	if d.Wire, err = c.in.name(); err != nil {
		return err
	}
	if err := c.in.space(); err != nil {
		return err
	}
	item, named := "", false
	err = c.in.each(func() error {
		if named = !named; named {
			word, err := c.in.word("()")
			item = strings.ToUpper(string(word))
			return err
		}
		return c.in.statusItem(d, item)
	})
	if err != nil {
		return err
	}
	if cmd := c.wanting(func(a *answers) bool { return a.status != nil }); cmd != nil {
		cmd.on.status(d)
	} else {
		c.told(Told{Status: d})
	}
	return nil
}

func (r *reader) statusItem(d *StatusData, item string) error {
	if item == "MAILBOXID" {
		return r.each(func() (err error) {
			d.MailboxID, err = r.shortID()
			return err
		})
	}
	into := map[string]*uint32{"MESSAGES": &d.Messages, "UNSEEN": &d.Unseen, "UIDNEXT": &d.UIDNext, "UIDVALIDITY": &d.UIDValidity}[item]
	if into == nil && item != "HIGHESTMODSEQ" {
		return r.skip()
	}
	if b, err := r.peek(); err != nil || b < '0' || b > '9' {
		return r.skip() // NIL, or worse
	}
	n, err := r.number(math.MaxUint64)
	switch {
	case into == nil:
		d.HighestModSeq = n
	case n <= math.MaxUint32:
		*into = uint32(n)
	}
	return err
}

// Create makes a mailbox, for a special use where attr is not "" (RFC 6154).
func (c *Conn) Create(wire string, attr imap.MailboxAttr) *Command {
	cmd := c.command("CREATE").mailbox(wire)
	if attr != "" {
		cmd.open().raw("USE").open().raw(string(attr)).shut().shut()
	}
	return cmd
}

// Rename gives a mailbox another name.
func (c *Conn) Rename(wire, to string) *Command {
	return c.command("RENAME").mailbox(wire).mailbox(to)
}

// Delete removes a mailbox.
func (c *Conn) Delete(wire string) *Command { return c.command("DELETE").mailbox(wire) }

// Subscribe subscribes to a mailbox, or no longer.
func (c *Conn) Subscribe(wire string, on bool) *Command {
	if on {
		return c.command("SUBSCRIBE").mailbox(wire)
	}
	return c.command("UNSUBSCRIBE").mailbox(wire)
}
