package imapwire

import (
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Store adds flags to messages, or removes them; the server is asked to be silent about it.
func (c *Conn) Store(uids imap.UIDSet, add bool, flags []imap.Flag) *Command {
	cmd := c.command("UID STORE").set(uids)
	if add {
		return cmd.raw("+FLAGS.SILENT").flags(flags)
	}
	return cmd.raw("-FLAGS.SILENT").flags(flags)
}

// Expunge removes messages that are flagged \Deleted, and no others (RFC 4315).
func (c *Conn) Expunge(uids imap.UIDSet) *Command { return c.command("UID EXPUNGE").set(uids) }

// Copy copies messages.
func (c *Conn) Copy(uids imap.UIDSet, wire string) *Command {
	return c.command("UID COPY").set(uids).mailbox(wire)
}

// Move moves messages (RFC 6851).
func (c *Conn) Move(uids imap.UIDSet, wire string) *Command {
	return c.command("UID MOVE").set(uids).mailbox(wire)
}

// Copied says where a COPY or MOVE put messages: two sets whose members belong together in
// order. The zero value is a server that does not tell (RFC 4315).
type Copied struct {
	UIDValidity uint32
	From, To    imap.UIDSet
}

// Copied reads it from the answer.
func (cmd *Command) Copied() Copied {
	code := cmd.Code(codeCopyUID)
	if code == nil {
		return Copied{}
	}
	words := code.words()
	if len(words) != 3 {
		return Copied{}
	}
	validity := Code{Args: words[0]}
	out := Copied{UIDValidity: validity.number32(), From: parseSet(words[1]), To: parseSet(words[2])}
	if out.UIDValidity == 0 || out.From == nil || out.To == nil {
		return Copied{}
	}
	return out
}

// Append files a message of size octets; body gives them. at is when it was received, now
// when it is zero.
func (c *Conn) Append(wire string, flags []imap.Flag, at time.Time, body io.Reader, size int64) *Command {
	cmd := c.command("APPEND").mailbox(wire)
	if len(flags) > 0 {
		cmd.flags(flags)
	}
	if !at.IsZero() {
		cmd.dateTime(at)
	}
	return cmd.literal(body, size)
}

// Appended is where an APPEND put the message; zero when the server does not tell.
func (cmd *Command) Appended() (validity, uid uint32) {
	code := cmd.Code(codeAppendUID)
	if code == nil {
		return 0, 0
	}
	words := code.words()
	if len(words) != 2 {
		return 0, 0
	}
	first, second := Code{Args: words[0]}, Code{Args: words[1]}
	validity, uid = first.number32(), second.number32()
	if validity == 0 || uid == 0 {
		return 0, 0
	}
	return validity, uid
}
