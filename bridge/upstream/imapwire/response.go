package imapwire

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Status is a status response: OK, NO, BAD, PREAUTH or BYE.
type Status struct {
	Type imap.StatusResponseType
	Code Code
	Text string // the server's words
}

// err is the status as an error, nil when it is none.
func (s *Status) err() error {
	if s.Type == imap.StatusResponseTypeOK {
		return nil
	}
	return s.Err()
}

// Err is the status as an error.
func (s *Status) Err() error {
	return &imap.Error{Type: s.Type, Code: s.Code.Name, Text: s.Text}
}

// Code is a response code (RFC 9051 §7.1).
type Code struct {
	Name imap.ResponseCode // upper case; "" for none
	Args string            // as they came
}

const (
	codeCapability     = "CAPABILITY"
	codeCopyUID        = "COPYUID"
	codeAppendUID      = "APPENDUID"
	codeUIDValidity    = "UIDVALIDITY"
	codeUIDNext        = "UIDNEXT"
	codeHighestModSeq  = "HIGHESTMODSEQ"
	codePermanentFlags = "PERMANENTFLAGS"
	codeMailboxID      = "MAILBOXID"
	codeReadOnly       = "READ-ONLY"
	codeOverflow       = "NOTIFICATIONOVERFLOW"
)

func (c *Code) words() []string { return strings.Fields(c.Args) }

// number is the code's number, 0 when it has none.
func (c *Code) number() uint64 {
	n, err := strconv.ParseUint(c.Args, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (c *Code) number32() uint32 {
	n := c.number()
	if n > math.MaxUint32 {
		return 0
	}
	return uint32(n)
}

// list is the words of a code's list.
func (c *Code) list() []string {
	words := strings.Fields(strings.Trim(c.Args, "()"))
	return words[:min(len(words), maxFlags)]
}

// read reads one response.
func (c *Conn) read() error {
	c.in.begin()
	word, err := c.in.word("")
	if err != nil {
		return err
	}
	if word[0] == '+' {
		return c.continuation()
	}
	if string(word) == "*" {
		if err := c.in.space(); err != nil {
			return err
		}
		return c.untagged()
	}
	for i, cmd := range c.pending {
		if cmd.tag == string(word) {
			return c.tagged(i)
		}
	}
	return violation("an answer to what was not asked")
}

func (c *Conn) continuation() error {
	text, err := c.in.toLineEnd()
	if err != nil {
		return err
	}
	if c.waiting { // else nobody has been asked anything
		c.more, c.asking = true, append(c.asking[:0], bytes.TrimPrefix(text, []byte(" "))...)
	}
	return nil
}

func (c *Conn) tagged(i int) error {
	cmd := c.pending[i]
	if err := c.in.space(); err != nil {
		return err
	}
	word, err := c.in.word("")
	if err != nil {
		return err
	}
	kind := imap.StatusResponseType(strings.ToUpper(string(word)))
	switch kind {
	case imap.StatusResponseTypeOK, imap.StatusResponseTypeNo, imap.StatusResponseTypeBad:
	default:
		return violation("an answer that is none")
	}
	if cmd.status, err = c.status(kind); err != nil {
		return err
	}
	cmd.done = true
	c.pending = append(c.pending[:i], c.pending[i+1:]...)
	if cmd.status.Code.Name == codeCapability {
		c.setCaps(cmd.status.Code.words())
	}
	return nil
}

// status reads what follows OK, NO, BAD, PREAUTH or BYE.
func (c *Conn) status(kind imap.StatusResponseType) (*Status, error) {
	line, err := c.in.toLineEnd()
	if err != nil {
		return nil, err
	}
	s := &Status{Type: kind}
	text := strings.TrimLeft(string(line), " ")
	if code, rest, ok := cutCode(text); ok {
		name, args, _ := strings.Cut(code, " ")
		s.Code = Code{Name: imap.ResponseCode(strings.ToUpper(name)), Args: strings.TrimSpace(args)}
		text = strings.TrimLeft(rest, " ")
	}
	s.Text = text[:min(len(text), 1000)]
	return s, nil
}

// cutCode cuts [CODE args] off a text. A bracket in quotes does not end it.
func cutCode(text string) (code, rest string, ok bool) {
	if !strings.HasPrefix(text, "[") {
		return "", text, false
	}
	quoted := false
	for i := 1; i < len(text); i++ {
		switch b := text[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case b == ']' && !quoted:
			return text[1:i], text[i+1:], true
		}
	}
	return "", text, false
}

func (c *Conn) untagged() error {
	b, err := c.in.peek()
	if err != nil {
		return err
	}
	if b >= '0' && b <= '9' {
		n, err := c.in.number32()
		if err != nil {
			return err
		}
		if err := c.in.space(); err != nil {
			return err
		}
		word, err := c.in.word("(")
		if err != nil {
			return err
		}
		return c.numbered(n, strings.ToUpper(string(word)))
	}
	word, err := c.in.word("(")
	if err != nil {
		return err
	}
	switch name := strings.ToUpper(string(word)); name {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return c.untaggedStatus(imap.StatusResponseType(name))
	default:
		if err := c.data(name); err != nil {
			return err
		}
		return c.in.skipLine()
	}
}

func (c *Conn) untaggedStatus(kind imap.StatusResponseType) error {
	s, err := c.status(kind)
	if err != nil {
		return err
	}
	switch {
	case kind == imap.StatusResponseTypeBye:
		return s.Err()
	case s.Code.Name == codeCapability:
		c.setCaps(s.Code.words())
	case s.Code.Name == codeOverflow:
		c.told(Told{Overflow: true})
	case s.Code.Name != "" && kind == imap.StatusResponseTypeOK && len(c.pending) > 0:
		next := c.pending[0]
		if len(next.codes) < 100 {
			next.codes = append(next.codes, s.Code)
		}
	}
	return nil
}

// numbered reads "* 3 EXISTS" and its kin.
func (c *Conn) numbered(n uint32, name string) error {
	switch name {
	case "FETCH":
		if err := c.in.spaces(); err != nil {
			return err
		}
		if err := c.fetched(n); err != nil {
			return err
		}
	case "EXISTS":
		if cmd := c.wanting(func(a *answers) bool { return a.exists != nil }); cmd != nil {
			cmd.on.exists(n)
		} else if c.Selected != nil {
			c.Selected.Messages = n
		}
		c.told(Told{Exists: true})
	case "EXPUNGE":
		if c.Selected != nil && c.Selected.Messages > 0 {
			c.Selected.Messages--
		}
		c.told(Told{Gone: true})
	}
	return c.in.skipLine()
}

// wanting is the oldest command that has a use for a kind of response, nil for none.
func (c *Conn) wanting(has func(*answers) bool) *Command {
	for _, cmd := range c.pending {
		if has(&cmd.on) {
			return cmd
		}
	}
	return nil
}

// data reads an untagged response by its name. The rest of the line is the caller's
// to drop.
func (c *Conn) data(name string) error {
	if name == "SEARCH" || name == "SORT" || name == "CAPABILITY" || name == "ENABLED" || name == "ESEARCH" {
		// may have nothing after the name
		if err := c.in.spaces(); err != nil {
			return err
		}
	} else if b, err := c.in.peek(); err != nil || b != ' ' {
		return err
	} else if err := c.in.spaces(); err != nil {
		return err
	}
	switch name {
	case "CAPABILITY", "ENABLED":
		return c.capabilities(name)
	case "FLAGS":
		flags, err := c.in.flags()
		if cmd := c.wanting(func(a *answers) bool { return a.flags != nil }); cmd != nil {
			cmd.on.flags(flags)
		}
		return err
	case "VANISHED":
		return c.vanished()
	case "LIST", "LSUB":
		return c.listed(name)
	case "STATUS":
		return c.statusData()
	case "SEARCH", "SORT", "ESEARCH":
		return c.found(name)
	case "NAMESPACE":
		return c.namespaces()
	case "ID":
		return c.identified()
	case "QUOTA":
		return c.quota()
	}
	return nil // unknown, and nothing to us
}

// capabilities reads the words of CAPABILITY or ENABLED.
func (c *Conn) capabilities(name string) error {
	var words []string
	for {
		b, err := c.in.peek()
		if err != nil {
			return err
		}
		if b == '\r' || b == '\n' {
			break
		}
		word, err := c.in.word("")
		if err != nil {
			return err
		}
		if len(words) < maxCaps {
			words = append(words, string(word))
		}
		if err := c.in.spaces(); err != nil {
			return err
		}
	}
	if name == "CAPABILITY" {
		c.setCaps(words)
		return nil
	}
	for _, w := range words {
		c.utf8 = c.utf8 || strings.EqualFold(w, string(imap.CapUTF8Accept))
	}
	return nil
}

// vanished: RFC 7162 §3.2.10.
func (c *Conn) vanished() error {
	earlier := false
	b, err := c.in.peek()
	if err != nil {
		return err
	}
	if b == '(' {
		err := c.in.each(func() error {
			word, err := c.in.word("()")
			earlier = earlier || bytes.EqualFold(word, []byte("EARLIER"))
			return err
		})
		if err != nil {
			return err
		}
		if err := c.in.space(); err != nil {
			return err
		}
	}
	set, err := c.in.uidSet()
	if err != nil {
		return err
	}
	if cmd := c.wanting(func(a *answers) bool { return a.vanished != nil }); cmd != nil {
		cmd.on.vanished(set, earlier)
	}
	if !earlier {
		c.told(Told{Gone: true})
	}
	return nil
}
