package imapwire

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/emersion/go-imap/v2"
)

// hear reads responses until they end, and gives the error that is not their end.
func hear(c *Conn) error {
	for {
		err := c.read()
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func TestWhatIsNotKnownIsSkipped(t *testing.T) {
	deep := strings.Repeat("(", 150) + `"text" "plain" NIL NIL NIL "7bit" 4 1` + strings.Repeat(` "mixed")`, 150)
	for _, line := range []string{
		"* OK [CAPABILITY IMAP4rev1] it's \"here\" {12} (((\r\n",
		"* ok hello [not a code\r\n",
		"* NO [ALERT] see (\"x\r\n",
		"* OK [X \"a]b\"] y\r\n",
		"+ idling {5}\r\n", "+\r\n", "* SEARCH\r\n", "* SEARCH \r\n", "* SEARCH 1 2 (MODSEQ 5)\r\n",
		"* LIST (\\HasChildren) \"/\" \"a \\\"{5}\\\\\"\r\n",
		"* LIST () NIL {5}\r\na\n(((\r\n",
		"* LIST () \".\" x (\"OLDNAME\" (\"y\") CHILDINFO (\"SUBSCRIBED\"))\r\n",
		"* 1 FETCH (UID 1 BODY[] {6}\r\n((((((BODY[1] {0}\r\n X \"(((\")\r\n",
		"* 1 FETCH (UID 1 BODYSTRUCTURE " + deep + ")\r\n",
		"* 1 FETCH (MODSEQ (5) X-NEW (a (b {2}\r\n)) \"c\")) ANNOTATION[x] NIL BODY[HEADER.FIELDS (\"A\" B)]<0> NIL UID 1)\r\n",
		"* WHAT (UID 1) {3}\r\n\r\n* more\r\n", "* 5 WHAT\r\n", "* WHAT\r\n", "* ESEARCH\r\n", "* ESEARCH (TAG \"x\") UID\r\n",
		"* ESEARCH (TAG \"x\") UID ALL 1:3,7 COUNT 4 NEW (a b)\r\n",
		"* STATUS x (MESSAGES 1 SIZE NIL UIDNEXT NIL HIGHESTMODSEQ 18446744073709551615 MAILBOXID (F1) NEW (a))\r\n",
		"* VANISHED (EARLIER) 1:3,9\r\n", "* VANISHED 5\r\n", "* ENABLED\r\n", "* ENABLED QRESYNC X\r\n", "* CAPABILITY\r\n",
		"* NAMESPACE NIL NIL ((\"x\" NIL \"X\" (\"y\")))\r\n", "* ID NIL\r\n", "* QUOTA \"\" (STORAGE 1 2 MESSAGE 3 4)\r\n", "* QUOTA x ()\r\n",
		"* FLAGS (\\Seen x[y)\r\n", "* 3 EXISTS \r\n", "* 1 FETCH (BODY (\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1))\r\n",
		"* OK bare line end\n",
	} {
		for range 2 {
			if err := hear(reading(strings.Repeat(line, 3*maxDepth))); err != nil {
				t.Errorf("%.100q: %v", line, err)
			}
			c := reading("")
			c.stream.in = iotest.OneByteReader(strings.NewReader(line))
			if err := hear(c); err != nil {
				t.Errorf("%.100q octet by octet: %v", line, err)
			}
		}
	}
}

func TestWhatBreaksTheProtocolEndsIt(t *testing.T) {
	for _, said := range []string{
		"\r\n", "HTTP/1.1 400\r\n", "T1 OK done\r\n", "*\r\n", "* 1 FETCH UID\r\n",
		"* 1 FETCH (UID 1 BODY[] {x}\r\n", "* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n",
		"* 1 FETCH (UID 99999999999)\r\n", "* 1 FETCH (UID x)\r\n", "* 99999999999 EXISTS\r\n",
		"* 1 FETCH (UID 1 ENVELOPE (\"{99999999}\r\n\" ", "* 1 FETCH (UID 1\r\n", "* VANISHED 0\r\n", "* VANISHED 1:*\r\n",
		"* 1 FETCH (UID 1 BODYSTRUCTURE " + strings.Repeat("(", 600), "* 1 FETCH (X " + strings.Repeat("(", 1<<20),
		"* X " + strings.Repeat("a", 3<<20), "* OK " + strings.Repeat("a", 3<<20), "* " + strings.Repeat("a", 70<<10),
		"* 1 FETCH (UID 1 INTERNALDATE \"" + strings.Repeat("a", 3<<20), "* 1 FETCH (X " + strings.Repeat("(", 501),
		"* LIST () \"/\" \"a\r\n", "* LIST () \"/\r\n",
	} {
		c := reading(said)
		c.in.longest = 2 << 20 // not to take long
		if err := hear(c); !errors.Is(err, ErrProtocol) {
			t.Errorf("%.100q: %v", said, err)
		}
	}
}

func TestABudgetIsKept(t *testing.T) {
	c := reading(strings.Repeat("* OK still here\r\n", 100_000))
	c.stream.left = 100_000
	if err := hear(c); !errors.Is(err, ErrTooMuch) {
		t.Error(err)
	}
}

func TestMessagesAreReadAsTheyLie(t *testing.T) {
	s := plays(t, "", [2]string{"UID FETCH", "* 2 FETCH (FLAGS (\\Seen))\r\n* 3 EXPUNGE\r\n" +
		"* 1 FETCH (FLAGS (\\Seen $x) UID 7 INTERNALDATE \" 5-Jan-2026 10:00:00 +0130\" RFC822.SIZE 30 EMAILID (M1) THREADID NIL " +
		"BODY[header.fields (\"Subject\" From)] {4}\r\na\r\n) BODY[TEXT]<0> NIL BODY[1.mime] \"q\\\"\" MODSEQ (9))\r\nTAG OK done\r\n"})
	header := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Subject", "From"}}
	text := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierText, Partial: &imap.SectionPartial{Size: 10}}
	mime := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierMIME, Part: []int{1}}
	var got []*Message
	err := s.client.Fetch(imap.UIDSetNum(7), Items{Flags: true, Sections: []*imap.FetchItemBodySection{header, text, mime}}, func(m *Message) error {
		got = append(got, m)
		return nil
	}).Do()
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	m := got[0]
	if m.UID != 7 || len(m.Flags) != 2 || m.Size != 30 || m.ObjectID != "M1" || m.ThreadID != "" || !m.InternalDate.Equal(time.Date(2026, 1, 5, 8, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", m)
	}
	if data, ok := m.Find(header); !ok || string(data) != "a\r\n)" {
		t.Errorf("%q", data)
	}
	if data, ok := m.Find(text); !ok || data != nil {
		t.Errorf("%q", data)
	}
	if data := m.Take(mime); string(data) != `q"` {
		t.Errorf("%q", data)
	}
	if len(s.told) != 2 || s.told[0].Message == nil || !s.told[1].Gone {
		t.Errorf("%+v", s.told)
	}
	const want = `T1 UID FETCH 7 (UID FLAGS BODY.PEEK[HEADER.FIELDS (Subject From)] BODY.PEEK[TEXT]<0.10> BODY.PEEK[1.MIME])` + "\r\n"
	if s.commands() != want {
		t.Errorf("%q", s.commands())
	}
}

func TestDates(t *testing.T) {
	want := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, said := range []string{`" 3-Feb-2026 04:05:06 +0000"`, `"03-Feb-2026 04:05:06 +0000"`, `"3-Feb-2026 05:05:06 +0100"`, `"02-Feb-2026 20:05:06 -0800"`} {
		got, err := newReader(strings.NewReader(said)).dateTime()
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v, %v", said, got, err)
		}
	}
	for _, said := range []string{`"03-XXX-2026 04:05:06 +0000"`, `"03-anF-2026 04:05:06 +0000"`, `"xx-Feb-2026 04:05:06 +0000"`, "NIL ", `"yesterday"`} {
		if got, err := newReader(strings.NewReader(said)).dateTime(); err != nil || !got.IsZero() {
			t.Errorf("%s: %v, %v", said, got, err)
		}
	}
}

func TestStructuresOfAllKinds(t *testing.T) {
	for said, want := range map[string]string{
		`("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8bit" 4 1 NIL ("attachment" ("filename" "a")) ("de" "en") "here")`:                        "text/plain 4 attachment [de en] here",
		`(("text" "plain" NIL NIL NIL "7bit" 1 1)("text" "html" NIL NIL NIL "7bit" 2 1) "alternative" ("boundary" "b") NIL NIL NIL)`:            "multipart/alternative[text/plain 1 [] , text/html 2 [] ]",
		`("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" NIL NIL NIL "7bit" 3 1) 4 NIL NIL)`: "message/rfc822 9 [] <text/plain 3 [] >",
		`("image" "png" ("name" {3}` + "\r\n" + `a"b) NIL NIL "base64" 99999999999 "md5" NIL NIL NIL)`:                                          "image/png 0 [] ",
		`NIL`:                                "text/plain 0 [] ",
		`()`:                                 "text/plain 0 [] ",
		`(NIL NIL NIL NIL NIL NIL NIL)`:      "/ 0 [] ",
		`("text")`:                           "text/ 0 [] ",
		`("text" "plain" "odd" () () () ())`: "text/plain 0 [] ",
		`(NIL "mixed")`:                      "/mixed 0 [] ",
		`((NIL) "mixed")`:                    "multipart/mixed[/ 0 [] ]",
		`(() () "mixed" () () () ())`:        "multipart/mixed[text/plain 0 [] , text/plain 0 [] ]",
	} {
		r := newReader(strings.NewReader(said + "\r\n"))
		got, err := (&structure{r: r}).body()
		if err != nil || describe(got) != want {
			t.Errorf("%s: %q, not %q (%v)", said, describe(got), want, err)
		}
		if err := r.expect('\r'); err != nil {
			t.Errorf("%s is not read to its end", said)
		}
	}
}

func describe(bs imap.BodyStructure) string {
	switch bs := bs.(type) {
	case *imap.BodyStructureMultiPart:
		var children []string
		for _, c := range bs.Children {
			children = append(children, describe(c))
		}
		return bs.MediaType() + "[" + strings.Join(children, ", ") + "]"
	case *imap.BodyStructureSinglePart:
		out := fmt.Sprint(bs.MediaType(), " ", bs.Size)
		if bs.Extended == nil {
			bs.Extended = &imap.BodyStructureSinglePartExt{}
		}
		if d := bs.Extended.Disposition; d != nil {
			out += " " + d.Value
		}
		out += fmt.Sprint(" ", bs.Extended.Language, " ", bs.Extended.Location)
		if bs.MessageRFC822 != nil {
			out += "<" + describe(bs.MessageRFC822.BodyStructure) + ">"
		}
		return out
	}
	return "nothing"
}

func TestHugeStructuresStaySmall(t *testing.T) {
	wide := "* 1 FETCH (UID 1 BODYSTRUCTURE (" + strings.Repeat("()", 1<<20) + " \"mixed\"))\r\n"
	params := "* 1 FETCH (UID 1 BODYSTRUCTURE (\"a\" \"b\" (" + strings.Repeat("x y ", 1<<20) + ")))\r\n"
	flags := "* 1 FETCH (FLAGS (" + strings.Repeat("x ", 1<<20) + "))\r\n"
	for _, said := range []string{wide, params, flags} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := hear(reading(said)); err != nil {
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
		if grew := after.TotalAlloc - before.TotalAlloc; grew > 16<<20 {
			t.Errorf("%.40q allocates %d MB", said, grew>>20)
		}
	}
}

// FuzzResponses: whatever a server says, reading it ends, nothing panics, and what is kept
// stands in proportion to what was said.
func FuzzResponses(f *testing.F) {
	for _, said := range []string{
		"* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[HEADER.FIELDS (A)] {2}\r\nhi BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 4 1))\r\nT1 OK done\r\n",
		"* ESEARCH (TAG \"T2\") UID ALL 1:3\r\nT2 OK x\r\n", "* SEARCH 1 2 3\r\n", "* OK [COPYUID 1 2:3 4:5] x\r\n", "+ go\r\n",
		"* LIST (\\Noselect) \"/\" {3}\r\na\"b\r\n", "* STATUS x (MESSAGES 1)\r\n", "* VANISHED (EARLIER) 1:9\r\n", "* BYE [UNAVAILABLE] x\r\n",
		"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n", "* QUOTA \"\" (STORAGE 1 2)\r\n", "* ID (\"name\" \"x\")\r\n", "* X {5}\r\n\r\n\r\n\r\n",
	} {
		f.Add([]byte(said))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		c := reading(string(said))
		section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"A"}}
		kept := 0
		take := func(m *Message) error {
			for _, s := range m.Sections {
				kept += len(s.Data)
			}
			return nil
		}
		fetch := c.Fetch(imap.UIDSetNum(1), Items{Structure: true, Sections: []*imap.FetchItemBodySection{section}}, take)
		search, list, lsub := c.Search(&imap.SearchCriteria{}, true), c.List(ListOptions{}), c.Lsub()
		status, namespace, quota := c.Status("x", StatusItems{Counts: true}), c.Namespace(), c.QuotaRoot("x")
		sort := c.Sort([]SortKey{{Name: "DATE"}}, &imap.SearchCriteria{})
		selecting := c.Select("x", SelectOptions{UIDValidity: 1, ModSeq: 1, Changed: take, Vanished: func(set imap.UIDSet) { kept += len(set) }})
		for _, cmd := range []*Command{fetch, search.Command, list.Command, lsub.Command, status.Command, namespace.Command, quota.Command, sort.Command, selecting.Command} {
			if err := cmd.Send(); err != nil {
				t.Fatal(err)
			}
		}
		_ = c.fail(hear(c))
		if kept+len(search.Found)+len(sort.UIDs)+len(list.Mailboxes) > 8*len(said)+64 {
			t.Errorf("%d octets become more than that", len(said))
		}
		_ = selecting.Copied()
	})
}

func TestNumbersEnd(t *testing.T) {
	for said, want := range map[string]uint64{"0 ": 0, "18446744073709551615 ": math.MaxUint64, "007 ": 7} {
		if n, err := newReader(strings.NewReader(said)).number(math.MaxUint64); err != nil || n != want {
			t.Errorf("%q: %d, %v", said, n, err)
		}
	}
	for _, said := range []string{"18446744073709551616 ", "99999999999999999999 ", "x", " "} {
		if n, err := newReader(strings.NewReader(said)).number(math.MaxUint64); err == nil {
			t.Errorf("%q is %d", said, n)
		}
	}
}

// BenchmarkFetch reads what an index is made of, from memory.
func BenchmarkFetch(b *testing.B) {
	const header = "Message-ID: <123.4@example.org>\r\nIn-Reply-To: <123.3@example.org>\r\nReferences: <123.1@example.org> <123.2@example.org> <123.3@example.org>\r\n\r\n"
	line := fmt.Sprintf("* 1 FETCH (UID 1 INTERNALDATE \"05-Jan-2026 10:00:00 +0100\" X-GUID 1a2b3c4d5e6f BODY[HEADER.FIELDS (MESSAGE-ID IN-REPLY-TO REFERENCES)] {%d}\r\n%s)\r\n", len(header), header)
	const many = 1000
	said := strings.Repeat(line, many) + "T1 OK done\r\n"
	fields := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Message-ID", "In-Reply-To", "References"}}
	b.SetBytes(int64(len(said)))
	b.ReportAllocs()
	for b.Loop() {
		c, n := reading(said), 0
		err := c.Fetch(imap.UIDSetNum(1), Items{InternalDate: true, GUID: true, Sections: []*imap.FetchItemBodySection{fields}}, func(*Message) error {
			n++
			return nil
		}).Do()
		if err != nil || n != many {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(many)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
