package imapwire

import (
	"github.com/emersion/go-imap/v2"
)

// Selected is a mailbox that is selected. What the server did not say is zero.
type Selected struct {
	Wire          string
	Messages      uint32
	UIDValidity   uint32
	UIDNext       uint32
	HighestModSeq uint64
	MailboxID     string
	ReadOnly      bool
	// Permanent is the flags that can be changed for good, \* among them where new keywords can
	// be made. Without PERMANENTFLAGS it is nil and all can (RFC 9051 §7.1).
	Permanent []imap.Flag
}

// SelectOptions of Select.
type SelectOptions struct {
	CondStore bool // RFC 7162
	// QResync asks what changed since, where ModSeq is not 0; QRESYNC must be enabled.
	UIDValidity uint32
	ModSeq      uint64
	Changed     func(*Message) error // keywords of a message that is new, or changed
	Vanished    func(imap.UIDSet)    // messages that are gone, or never were there
}

// Select selects a mailbox. Selected is nil until it has succeeded, and what it gives is
// good after Wait.
func (c *Conn) Select(wire string, o SelectOptions) *SelectCommand {
	s := &SelectCommand{Command: c.command("SELECT").mailbox(wire), box: &Selected{Wire: wire}}
	switch {
	case o.ModSeq > 0:
		s.open().raw("QRESYNC").open().number(uint64(o.UIDValidity)).number(o.ModSeq).shut().shut()
		s.on.fetch = &fetching{Items{Flags: true}, o.Changed}
		s.on.vanished = func(set imap.UIDSet, _ bool) { o.Vanished(set) }
	case o.CondStore:
		s.open().raw("CONDSTORE").shut()
	}
	s.on.exists = func(n uint32) { s.box.Messages = n }
	s.on.flags = func([]imap.Flag) {}
	return s
}

// SelectCommand is a SELECT.
type SelectCommand struct {
	*Command
	box *Selected
}

// Send sends it. From here on nothing is selected.
func (s *SelectCommand) Send() error {
	s.conn.Selected = nil
	return s.Command.Send()
}

// Wait gives what was selected.
func (s *SelectCommand) Wait() (*Selected, error) {
	if err := s.Command.Wait(); err != nil {
		return nil, err
	}
	for name, into := range map[imap.ResponseCode]*uint32{codeUIDValidity: &s.box.UIDValidity, codeUIDNext: &s.box.UIDNext} {
		if code := s.Code(name); code != nil {
			*into = code.number32()
		}
	}
	if code := s.Code(codeHighestModSeq); code != nil {
		s.box.HighestModSeq = code.number()
	}
	if code := s.Code(codeMailboxID); code != nil && len(code.list()) == 1 {
		s.box.MailboxID = code.list()[0]
	}
	if code := s.Code(codePermanentFlags); code != nil {
		s.box.Permanent = []imap.Flag{}
		for _, f := range code.list() {
			s.box.Permanent = append(s.box.Permanent, imap.Flag(f))
		}
	}
	s.box.ReadOnly = s.Code(codeReadOnly) != nil
	s.conn.Selected = s.box
	return s.box, nil
}
