package imapwire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
)

// Command is one command on its way: first its pieces, then its answer.
type Command struct {
	conn   *Conn
	tag    string
	pieces []piece
	words  []byte // of the piece being written
	spaced bool   // a space is due before the next word
	err    error  // why it cannot be written

	on answers // what it does with untagged responses

	done   bool
	status *Status // the tagged response
	codes  []Code  // those of untagged OK responses that came while it was next
	wrong  error   // what is wrong with the answer
}

// piece is words and the literal that follows them.
type piece struct {
	words   []byte
	body    io.Reader // nil for none
	size    int64
	waiting bool // for the server to ask for the literal
}

// answers is what a command does with untagged responses; those it has no use for
// are nil.
type answers struct {
	fetch     *fetching
	vanished  func(set imap.UIDSet, earlier bool)
	exists    func(n uint32)
	flags     func([]imap.Flag)
	list      func(*Mailbox)
	lsub      func(*Mailbox)
	status    func(*StatusData)
	search    func(*reader) error
	esearch   func(imap.UIDSet)
	sort      func(*reader) error
	namespace func(*imap.NamespaceData)
	id        func(map[string]string)
	quota     func(QuotaData)
}

const (
	// maxQuoted is the longest string sent in quotes.
	maxQuoted = 1000
	// RFC 7888 §5: LITERAL- is for literals up to this.
	maxLiteralMinus = 4096
	// maxUnasked is the longest literal sent without waiting to be asked for it: what
	// is refused should not have been sent in vain.
	maxUnasked = 64 << 10
)

func (c *Conn) command(name string) *Command {
	return &Command{conn: c, words: []byte(name), spaced: true}
}

// raw writes words of ours.
func (cmd *Command) raw(words string) *Command {
	if cmd.spaced {
		cmd.words = append(cmd.words, ' ')
	}
	cmd.words = append(cmd.words, words...)
	cmd.spaced = true
	return cmd
}

// open begins a list, and shut ends it.
func (cmd *Command) open() *Command {
	cmd.raw("(")
	cmd.spaced = false
	return cmd
}

func (cmd *Command) shut() *Command {
	cmd.words = append(cmd.words, ')')
	cmd.spaced = true
	return cmd
}

func (cmd *Command) cannot(what string) {
	if cmd.err == nil {
		cmd.err = fmt.Errorf("%w: %s", ErrCannotSay, what)
	}
}

// IsAtom reports whether a word is an atom (RFC 9051 §9), as keywords are too.
func IsAtom(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`(){%*"\]`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// atom writes a word from outside.
func (cmd *Command) atom(s string) *Command {
	if !IsAtom(s) {
		cmd.cannot("a word with other signs in it")
		return cmd
	}
	return cmd.raw(s)
}

func (cmd *Command) number(n uint64) *Command { return cmd.raw(strconv.FormatUint(n, 10)) }

// set writes UIDs, of which there must be some.
func (cmd *Command) set(uids imap.UIDSet) *Command {
	if len(uids) == 0 {
		cmd.cannot("an empty set of UIDs")
		return cmd
	}
	return cmd.raw(formatSet(uids))
}

// flags writes a list of flags. What is no flag makes the command impossible.
func (cmd *Command) flags(flags []imap.Flag) *Command {
	cmd.open()
	for _, f := range flags {
		if !IsAtom(strings.TrimPrefix(string(f), `\`)) {
			cmd.cannot("a keyword with other signs in it")
		}
		cmd.raw(string(f))
	}
	return cmd.shut()
}

// date and dateTime: RFC 9051 §9.
func (cmd *Command) date(t time.Time) { cmd.raw(t.Format("2-Jan-2006")) }

func (cmd *Command) dateTime(t time.Time) *Command {
	return cmd.raw(t.Format(`"_2-Jan-2006 15:04:05 -0700"`))
}

// text writes a string from outside: in quotes where that can hold it, else as a
// literal.
func (cmd *Command) text(s string) *Command {
	if strings.IndexByte(s, 0) >= 0 {
		cmd.cannot("a string with NUL in it") // RFC 9051 §4.3
		return cmd
	}
	if !cmd.conn.quotable(s) {
		return cmd.literal(strings.NewReader(s), int64(len(s)))
	}
	return cmd.raw(`"` + escapes.Replace(s) + `"`)
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (c *Conn) quotable(s string) bool {
	if len(s) > maxQuoted {
		return false
	}
	ascii := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
		ascii = ascii && s[i] < 0x80
	}
	return ascii || c.utf8 && utf8.ValidString(s)
}

// literal writes size octets of body.
func (cmd *Command) literal(body io.Reader, size int64) *Command {
	unasked := size <= maxUnasked && cmd.conn.Has(imap.CapLiteralPlus) ||
		size <= maxLiteralMinus && cmd.conn.Has(imap.CapLiteralMinus)
	sign := "+"
	if !unasked {
		sign = ""
	}
	cmd.raw("{" + strconv.FormatInt(size, 10) + sign + "}\r\n")
	cmd.pieces = append(cmd.pieces, piece{words: cmd.words, body: body, size: size, waiting: !unasked})
	cmd.words = nil
	return cmd
}

// Send writes the command; its answer is read by Wait. It waits itself only where
// the server must ask for a literal first.
func (cmd *Command) Send() error {
	c := cmd.conn
	if cmd.err != nil {
		return cmd.err
	}
	if c.err != nil {
		return c.err
	}
	c.tags++
	cmd.tag = "T" + strconv.FormatUint(c.tags, 10)
	c.pending = append(c.pending, cmd)
	c.renew()
	err := cmd.write()
	if network := new(net.OpError); errors.As(err, &network) {
		err = c.lastWords(err)
	}
	return c.fail(err)
}

func (cmd *Command) write() error {
	out := cmd.conn.stream
	if _, err := io.WriteString(out, cmd.tag+" "); err != nil {
		return err
	}
	for _, p := range cmd.pieces {
		if _, err := out.Write(p.words); err != nil {
			return err
		}
		if p.waiting {
			asked, err := cmd.conn.asked(cmd)
			if err != nil || !asked {
				return err // refused: the answer says why
			}
		}
		n, err := io.CopyN(out, p.body, p.size)
		if err != nil {
			return fmt.Errorf("%d of %d octets of a literal: %w", n, p.size, err)
		}
	}
	_, err := out.Write(append(cmd.words, '\r', '\n'))
	return err
}

// Wait reads until the command is answered. A refusal is an *imap.Error.
func (cmd *Command) Wait() error {
	c := cmd.conn
	if cmd.err != nil {
		return cmd.err
	}
	for !cmd.done { // an answer that came before the connection broke counts
		if c.err != nil {
			return c.err
		}
		if err := c.fail(c.stream.flush()); err != nil {
			return err
		}
		if err := c.fail(c.read()); err != nil {
			return err
		}
	}
	if cmd.wrong != nil {
		return cmd.wrong
	}
	return cmd.status.err()
}

// Do sends the command and waits.
func (cmd *Command) Do() error {
	if err := cmd.Send(); err != nil {
		return err
	}
	return cmd.Wait()
}

// Code gives a response code of the answer by its name, nil when it has none.
func (cmd *Command) Code(name imap.ResponseCode) *Code {
	if cmd.status != nil && cmd.status.Code.Name == name {
		return &cmd.status.Code
	}
	for i := range cmd.codes {
		if cmd.codes[i].Name == name {
			return &cmd.codes[i]
		}
	}
	return nil
}
