package imapwire

import (
	"errors"
	"math"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// SearchCommand is a UID SEARCH.
type SearchCommand struct {
	*Command
	Found imap.UIDSet // as ranges, in the server's order
}

// Search searches the selected mailbox. extended asks for ranges (RFC 4731). Several of those
// may be sent at once: their answers carry their tags.
func (c *Conn) Search(criteria *imap.SearchCriteria, extended bool) *SearchCommand {
	s := &SearchCommand{Command: c.command("UID SEARCH")}
	if extended {
		s.raw("RETURN (ALL)")
	}
	if !c.utf8 && !ascii(criteria) {
		s.raw("CHARSET UTF-8")
	}
	s.criteria(criteria)
	s.on.search = func(r *reader) error {
		return r.numbers(func(n uint32) { s.Found = grow(s.Found, imap.UID(n)) })
	}
	s.on.esearch = func(set imap.UIDSet) { s.Found = append(s.Found, set...) }
	return s
}

// SortCommand is a UID SORT (RFC 5256).
type SortCommand struct {
	*Command
	UIDs []uint32
}

// SortKey is one criterion of a SORT.
type SortKey struct {
	Name    string // a word of ours: ARRIVAL, SIZE …
	Reverse bool
}

// Sort sorts what matches.
func (c *Conn) Sort(keys []SortKey, criteria *imap.SearchCriteria) *SortCommand {
	s := &SortCommand{Command: c.command("UID SORT").open()}
	for _, k := range keys {
		if k.Reverse {
			s.raw("REVERSE")
		}
		s.raw(k.Name)
	}
	s.shut().raw("UTF-8").criteria(criteria)
	s.on.sort = func(r *reader) error { return r.numbers(func(n uint32) { s.UIDs = append(s.UIDs, n) }) }
	return s
}

// found reads SEARCH, SORT and ESEARCH.
func (c *Conn) found(name string) error {
	switch name {
	case "SORT":
		if cmd := c.wanting(func(a *answers) bool { return a.sort != nil }); cmd != nil {
			return cmd.on.sort(c.in)
		}
	case "SEARCH":
		if cmd := c.wanting(func(a *answers) bool { return a.search != nil }); cmd != nil {
			return cmd.on.search(c.in)
		}
	case "ESEARCH":
		return c.esearch()
	}
	return nil
}

// numbers reads numbers up to the line's end, or to (MODSEQ 123).
func (r *reader) numbers(take func(uint32)) error {
	for {
		if err := r.spaces(); err != nil {
			return err
		}
		b, err := r.peek()
		if err != nil {
			return err
		}
		if b == '\r' || b == '\n' || b == '(' {
			return nil
		}
		n, err := r.number32()
		if err != nil {
			return err
		}
		if n == 0 {
			return violation("a UID that is zero")
		}
		take(n)
	}
}

// esearch reads (TAG "T1") UID ALL 1:3,5 (RFC 4731 §3.1).
func (c *Conn) esearch() error {
	tag := ""
	b, err := c.in.peek()
	if err != nil {
		return err
	}
	if b == '(' {
		named := false
		err := c.in.each(func() error {
			text, _, err := c.in.text(100)
			if named = !named; !named {
				tag = string(text)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for {
		if err := c.in.spaces(); err != nil {
			return err
		}
		if b, err = c.in.peek(); err != nil {
			return err
		}
		if b == '\r' || b == '\n' {
			return nil
		}
		word, err := c.in.word("()")
		if err != nil {
			return err
		}
		name := strings.ToUpper(string(word))
		if name == "UID" {
			continue
		}
		if err := c.in.space(); err != nil {
			return err
		}
		if name != "ALL" {
			if err := c.in.skip(); err != nil {
				return err
			}
			continue
		}
		set, err := c.in.uidSet()
		if err != nil {
			return err
		}
		c.matched(tag, set)
	}
}

// matched gives a set to the search that asked for it.
func (c *Conn) matched(tag string, set imap.UIDSet) {
	for _, cmd := range c.pending {
		if cmd.on.esearch != nil && cmd.tag == tag {
			cmd.on.esearch(set)
		}
	}
}

// ascii reports whether all strings of criteria are ASCII.
func ascii(criteria *imap.SearchCriteria) bool {
	plain := func(list ...string) bool {
		for _, s := range list {
			for i := range len(s) {
				if s[i] >= 0x80 {
					return false
				}
			}
		}
		return true
	}
	ok := plain(criteria.Text...) && plain(criteria.Body...)
	for _, h := range criteria.Header {
		ok = ok && plain(h.Key, h.Value)
	}
	for i := range criteria.Not {
		ok = ok && ascii(&criteria.Not[i])
	}
	for i := range criteria.Or {
		ok = ok && ascii(&criteria.Or[i][0]) && ascii(&criteria.Or[i][1])
	}
	return ok
}

var errDeep = errors.New("a search too deep")

// maxSearchDepth is more than anybody asks for.
const maxSearchDepth = 100

// criteria writes what is searched for; everything where nothing is asked.
func (cmd *Command) criteria(criteria *imap.SearchCriteria) {
	before := len(cmd.words) + len(cmd.pieces)
	cmd.keys(criteria, 0)
	if len(cmd.words)+len(cmd.pieces) == before {
		cmd.raw("ALL")
	}
}

func (cmd *Command) keys(c *imap.SearchCriteria, depth int) {
	if depth > maxSearchDepth {
		cmd.cannot(errDeep.Error())
		return
	}
	for _, set := range c.UID {
		cmd.raw("UID").set(set)
	}
	if !c.Since.IsZero() {
		cmd.raw("SINCE").date(c.Since)
	}
	if !c.Before.IsZero() {
		cmd.raw("BEFORE").date(c.Before)
	}
	for _, h := range c.Header {
		switch name := strings.ToUpper(h.Key); name {
		case "FROM", "TO", "CC", "BCC", "SUBJECT":
			if h.Value != "" { // "" asks whether there is such a field
				cmd.raw(name).text(h.Value)
				continue
			}
		}
		cmd.raw("HEADER").text(h.Key).text(h.Value)
	}
	for _, s := range c.Body {
		cmd.raw("BODY").text(s)
	}
	for _, s := range c.Text {
		cmd.raw("TEXT").text(s)
	}
	for _, f := range c.Flag {
		cmd.flagKey(f, "")
	}
	for _, f := range c.NotFlag {
		cmd.flagKey(f, "UN")
	}
	if c.Larger > 0 {
		cmd.raw("LARGER").number(uint64(min(c.Larger, math.MaxUint32)))
	}
	if c.Smaller > 0 {
		cmd.raw("SMALLER").number(uint64(min(c.Smaller, math.MaxUint32)))
	}
	for i := range c.Not {
		cmd.raw("NOT").group(&c.Not[i], depth)
	}
	for i := range c.Or {
		cmd.raw("OR").group(&c.Or[i][0], depth)
		cmd.group(&c.Or[i][1], depth)
	}
}

// group writes keys in brackets; everything where nothing is asked.
func (cmd *Command) group(c *imap.SearchCriteria, depth int) {
	cmd.open()
	words, pieces := len(cmd.words), len(cmd.pieces)
	cmd.keys(c, depth+1)
	if len(cmd.words) == words && len(cmd.pieces) == pieces {
		cmd.raw("ALL")
	}
	cmd.shut()
}

func (cmd *Command) flagKey(f imap.Flag, un string) {
	name, system := strings.CutPrefix(string(f), `\`)
	if !system {
		cmd.raw(un + "KEYWORD").atom(name)
		return
	}
	cmd.atom(un + strings.ToUpper(name))
}
