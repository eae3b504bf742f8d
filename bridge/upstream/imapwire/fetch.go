package imapwire

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Items is what a FETCH asks for. UIDs come always.
type Items struct {
	Flags, InternalDate, Size, Structure bool
	Preview                              bool // RFC 8970
	ObjectIDs                            bool // RFC 8474: EMAILID and THREADID
	GMail                                bool // X-GM-MSGID and X-GM-THRID
	GUID                                 bool // Dovecot's X-GUID
	Sections                             []*imap.FetchItemBodySection
	Keep                                 int64  // octets of each section that are kept; 0: all that comes
	ChangedSince                         uint64 // RFC 7162; 0: all
}

// Message is what a FETCH response said of one message.
type Message struct {
	UID          imap.UID    // 0: not said
	Flags        []imap.Flag // nil: not said
	InternalDate time.Time
	Size         int64
	Structure    imap.BodyStructure // nil: not said
	Preview      string
	HasPreview   bool
	ObjectID     string // EMAILID, X-GM-MSGID or X-GUID
	ThreadID     string // THREADID or X-GM-THRID
	Sections     []Section
}

// Section is one section of a message.
type Section struct {
	Name   string // as in "1.2.HEADER", in upper case; of HEADER.FIELDS without the fields
	Offset int64
	Data   []byte // nil: there is no such section
	taken  bool   // see Take
}

// fetching is a FETCH that waits for messages.
type fetching struct {
	items Items
	take  func(*Message) error
}

// Fetch asks for messages; take is called with each answer as it comes. It is not called
// with what says nothing that was asked for: the server telling a change of flags in
// between.
func (c *Conn) Fetch(uids imap.UIDSet, items Items, take func(*Message) error) *Command {
	cmd := c.command("UID FETCH").set(uids).open()
	cmd.raw("UID")
	for _, item := range []struct {
		asked bool
		name  string
	}{
		{items.Flags, "FLAGS"},
		{items.InternalDate, "INTERNALDATE"},
		{items.Size, "RFC822.SIZE"},
		{items.Structure, "BODYSTRUCTURE"},
		{items.Preview, "PREVIEW"},
		{items.ObjectIDs, "EMAILID THREADID"},
		{items.GMail, "X-GM-MSGID X-GM-THRID"},
		{items.GUID, "X-GUID"},
	} {
		if item.asked {
			cmd.raw(item.name)
		}
	}
	for _, s := range items.Sections {
		cmd.section(s)
	}
	cmd.shut()
	if items.ChangedSince > 0 {
		cmd.raw("(CHANGEDSINCE").number(items.ChangedSince).shut()
	}
	cmd.on.fetch = &fetching{items, take}
	return cmd
}

// section writes BODY.PEEK[…]<…>.
func (cmd *Command) section(s *imap.FetchItemBodySection) {
	cmd.raw("BODY.PEEK[" + sectionName(s))
	if len(s.HeaderFields) > 0 {
		cmd.raw("(")
		cmd.spaced = false
		for _, name := range s.HeaderFields {
			cmd.atom(name)
		}
		cmd.words = append(cmd.words, ')')
	}
	cmd.words = append(cmd.words, ']')
	if p := s.Partial; p != nil {
		cmd.words = append(cmd.words, "<"+strconv.FormatInt(p.Offset, 10)+"."+strconv.FormatInt(p.Size, 10)+">"...)
	}
}

// sectionName is a section's name without fields and range.
func sectionName(s *imap.FetchItemBodySection) string {
	words := make([]string, 0, len(s.Part)+1)
	for _, n := range s.Part {
		words = append(words, strconv.Itoa(n))
	}
	specifier := string(s.Specifier)
	if len(s.HeaderFields) > 0 {
		specifier = "HEADER.FIELDS"
	}
	if specifier != "" {
		words = append(words, specifier)
	}
	return strings.Join(words, ".")
}

// answered reports whether the response says something that was asked for, and not
// just flags.
func (f *fetching) answered(m *Message) bool {
	i := &f.items
	switch {
	case len(m.Sections) > 0, i.Structure && m.Structure != nil, i.InternalDate && !m.InternalDate.IsZero():
		return true
	}
	return len(i.Sections) == 0 && !i.Structure && !i.InternalDate && m.Flags != nil
}

// fetched reads a FETCH response.
func (c *Conn) fetched(uint32) error {
	cmd := c.wanting(func(a *answers) bool { return a.fetch != nil })
	keep, most := int64(0), 0
	if cmd != nil {
		most = len(cmd.on.fetch.items.Sections)
		if keep = cmd.on.fetch.items.Keep; keep == 0 {
			keep = math.MaxInt64
		}
	}
	m := &Message{}
	if err := c.in.each(func() error { return c.in.fetchItem(m, keep, most) }); err != nil {
		return err
	}
	if cmd == nil || !cmd.on.fetch.answered(m) {
		c.told(Told{Message: m})
		return nil
	}
	if cmd.wrong == nil {
		cmd.wrong = cmd.on.fetch.take(m)
	}
	return nil
}

// fetchItem reads one item. It keeps at most most sections, of keep octets each.
func (r *reader) fetchItem(m *Message, keep int64, most int) error {
	word, err := r.word("()[<\"{")
	if err != nil {
		return err
	}
	name := upper(word)
	section, offset := "", int64(-1)
	if b, err := r.peek(); err != nil {
		return err
	} else if b == '[' {
		if section, offset, err = r.sectionName(); err != nil {
			return err
		}
	}
	if err := r.space(); err != nil {
		return err
	}
	switch name {
	case "UID":
		n, err := r.number32()
		m.UID = imap.UID(n)
		return err
	case "FLAGS":
		m.Flags, err = r.flags()
		return err
	case "INTERNALDATE":
		m.InternalDate, err = r.dateTime()
		return err
	case "RFC822.SIZE":
		n, err := r.number(math.MaxInt64)
		m.Size = int64(n)
		return err
	case "BODYSTRUCTURE":
		s := structure{r: r}
		m.Structure, err = s.body()
		return err
	case "PREVIEW":
		text, null, err := r.text(maxText)
		if m.HasPreview = true; !null {
			m.Preview = string(text)
		}
		return err
	case "EMAILID", "THREADID":
		return r.objectID(m, name == "THREADID")
	case "X-GM-MSGID", "X-GUID":
		m.ObjectID, err = r.shortID()
		return err
	case "X-GM-THRID":
		m.ThreadID, err = r.shortID()
		return err
	case "BODY":
		if offset < 0 { // BODY without brackets is a structure nobody asked for
			return r.skip()
		}
		return r.section(m, section, offset, keep, most)
	}
	return r.skip()
}

// upper gives the item's name, without allocating for those we know.
func upper(word []byte) string {
	switch string(word) {
	case "UID":
		return "UID"
	case "FLAGS":
		return "FLAGS"
	case "INTERNALDATE":
		return "INTERNALDATE"
	case "BODY":
		return "BODY"
	case "X-GUID":
		return "X-GUID"
	}
	return strings.ToUpper(string(word))
}

// sectionName reads [1.2.HEADER.FIELDS (A B)]<0>; the fields are dropped.
func (r *reader) sectionName() (name string, offset int64, err error) {
	r.drop() // the bracket
	if b, err := r.peek(); err != nil {
		return "", 0, err
	} else if b != ']' {
		word, err := r.word(`]("`)
		if err != nil {
			return "", 0, err
		}
		name = sectionWord(word)
	}
	for b := byte(0); b != ']'; {
		if b, err = r.peek(); err != nil {
			return "", 0, err
		}
		switch b {
		case ']', ' ':
			r.drop()
		default:
			if err := r.skip(); err != nil {
				return "", 0, err
			}
		}
	}
	b, err := r.peek()
	if err != nil || b != '<' {
		return name, 0, err
	}
	r.drop()
	n, err := r.number(math.MaxInt64)
	if err != nil {
		return "", 0, err
	}
	return name, int64(n), r.expect('>')
}

// sectionWord gives a section's name, without allocating for those asked for most.
func sectionWord(word []byte) string {
	switch string(word) {
	case "HEADER.FIELDS":
		return "HEADER.FIELDS"
	case "TEXT":
		return "TEXT"
	}
	return strings.ToUpper(string(word))
}

func (r *reader) section(m *Message, name string, offset, keep int64, most int) error {
	if len(m.Sections) >= most {
		return r.skip()
	}
	b, err := r.peek()
	if err != nil {
		return err
	}
	s := Section{Name: name, Offset: offset}
	if b == '{' {
		r.drop()
		n, err := r.size()
		if err != nil {
			return err
		}
		s.Data, err = r.literal(make([]byte, 0, min(n, keep, 64<<10)), n, keep)
		m.Sections = append(m.Sections, s)
		return err
	}
	text, null, err := r.text(keep)
	if !null {
		s.Data = append([]byte{}, text...)
	}
	m.Sections = append(m.Sections, s)
	return err
}

// objectID reads (M123), or NIL.
func (r *reader) objectID(m *Message, thread bool) error {
	return r.each(func() error {
		id, err := r.shortID()
		if thread {
			m.ThreadID = id
		} else {
			m.ObjectID = id
		}
		return err
	})
}

// maxID is more than an id has: RFC 8474 §4 allows 255 octets.
const maxID = 255

func (r *reader) shortID() (string, error) {
	text, null, err := r.text(maxID + 1)
	if err != nil || null || len(text) > maxID {
		return "", err
	}
	return string(text), nil
}

// key is what a section's answer is known by.
func key(s *imap.FetchItemBodySection) (name string, offset int64) {
	if s.Partial != nil {
		offset = s.Partial.Offset
	}
	return sectionName(s), offset
}

// Find gives a section that was asked for; ok is false when the answer has none.
func (m *Message) Find(s *imap.FetchItemBodySection) (data []byte, ok bool) {
	name, offset := key(s)
	for _, got := range m.Sections {
		if got.Name == name && got.Offset == offset {
			return got.Data, true
		}
	}
	return nil, false
}

// Take is Find for sections that may be asked for more than once, with other lengths: it
// gives each answer once, in order.
func (m *Message) Take(s *imap.FetchItemBodySection) []byte {
	name, offset := key(s)
	for i, got := range m.Sections {
		if !got.taken && got.Name == name && got.Offset == offset {
			m.Sections[i].taken = true
			return got.Data
		}
	}
	data, _ := m.Find(s)
	return data
}
