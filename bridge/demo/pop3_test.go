package demo

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/hearthmail/hearthmail/bridge/message"
)

// pop is a POP3 client that says what it is told.
type pop struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func dialPOP3(t *testing.T, p *Provider) *pop {
	t.Helper()
	c, err := net.Dial("tcp", p.POP3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // bounds a hang
	client := &pop{c, t, bufio.NewReader(c)}
	client.want("+OK Hearthmail demo")
	return client
}

// say sends a line and gives the first line of the answer.
func (c *pop) say(line string) string {
	c.t.Helper()
	if _, err := fmt.Fprintf(c, "%s\r\n", line); err != nil {
		c.t.Fatal(err)
	}
	return c.line()
}

func (c *pop) line() string {
	c.t.Helper()
	line, err := c.in.ReadString('\n')
	if err != nil {
		c.t.Fatalf("%v after %q", err, line)
	}
	return strings.TrimSuffix(line, "\r\n")
}

func (c *pop) want(line string) {
	c.t.Helper()
	if got := c.line(); got != line {
		c.t.Errorf("heard %q, want %q", got, line)
	}
}

// rest reads up to the line of a single dot.
func (c *pop) rest() (lines []string) {
	c.t.Helper()
	for {
		line := c.line()
		if line == "." {
			return lines
		}
		lines = append(lines, strings.TrimPrefix(line, "."))
	}
}

func (c *pop) signIn(address string) {
	c.t.Helper()
	if got := c.say("USER " + address); got != "+OK" {
		c.t.Fatal(got)
	}
	if got := c.say("PASS demo"); !strings.HasPrefix(got, "+OK") {
		c.t.Fatal(got)
	}
}

func TestPOP3Session(t *testing.T) {
	p := start(t)
	if err := p.Deliver("grace@demo.test", []byte("Subject: dots\r\n\r\n.one\r\n..two\r\nthree\r\n")); err != nil {
		t.Fatal(err)
	}
	c := dialPOP3(t, p)
	if got := c.say("CAPA"); got != "+OK" || !strings.Contains(strings.Join(c.rest(), " "), "UIDL PIPELINING") {
		t.Errorf("CAPA: %s", got)
	}
	for line, says := range map[string]string{"STAT": "-ERR not now", "PASS demo": "-ERR not now", "NONSENSE": "-ERR not now", "": "-ERR not now"} {
		if got := c.say(line); got != says {
			t.Errorf("%q before signing in: %s", line, got)
		}
	}
	c.say("USER grace@demo.test")
	if got := c.say("PASS wrong"); !strings.HasPrefix(got, "-ERR [AUTH]") {
		t.Errorf("a wrong password: %s", got)
	}
	c.signIn("grace@demo.test")
	var count, size int
	if _, err := fmt.Sscanf(c.say("stat"), "+OK %d %d", &count, &size); err != nil || count < 10 || size == 0 {
		t.Fatalf("STAT: %d %d %v", count, size, err)
	}
	c.say("LIST")
	c.line()
	if rest := c.rest(); len(rest) != count-1 {
		t.Errorf("LIST has %d of %d", len(rest)+1, count)
	}
	c.say("UIDL")
	ids := c.rest()
	if got := c.say(fmt.Sprintf("RETR %d", count)); got != "+OK" {
		t.Fatal(got)
	}
	if got := strings.Join(c.rest(), "|"); !strings.HasSuffix(got, "||.one|..two|three") {
		t.Errorf("RETR gave %q", got)
	}
	if got := c.say(fmt.Sprintf("TOP %d 1", count)); got != "+OK" {
		t.Fatal(got)
	}
	if got := strings.Join(c.rest(), "|"); got != "Subject: dots||.one" {
		t.Errorf("TOP gave %q", got)
	}
	for _, line := range []string{"RETR 0", "RETR 99999", "RETR", "RETR -1", "TOP 1", "TOP 1 x", "DELE x", "LIST 0", "UIDL 99999"} {
		if got := c.say(line); !strings.HasPrefix(got, "-ERR") {
			t.Errorf("%s: %s", line, got)
		}
	}

	// Nothing is deleted by a session that breaks off, or that thinks again.
	c.say("DELE 1")
	if got := c.say("RETR 1"); got != "-ERR no such message" {
		t.Errorf("a deleted message: %s", got)
	}
	other := dialPOP3(t, p)
	other.say("USER grace@demo.test")
	if got := other.say("PASS demo"); !strings.HasPrefix(got, "-ERR [IN-USE]") {
		t.Errorf("a second session: %s", got)
	}
	_ = c.Close()
	c = dialPOP3(t, p)
	for c.say("USER grace@demo.test"); !strings.HasPrefix(c.say("PASS demo"), "+OK"); {
		time.Sleep(10 * time.Millisecond) // the first session's end is on its way
	}
	c.say("DELE 1")
	c.say("RSET")
	c.say("DELE 2")
	if got := c.say("QUIT"); got != "+OK" {
		t.Error(got)
	}
	c = dialPOP3(t, p)
	for c.say("USER grace@demo.test"); !strings.HasPrefix(c.say("PASS demo"), "+OK"); {
		time.Sleep(10 * time.Millisecond)
	}
	c.say("UIDL")
	after := c.rest()
	if len(after) != count-1 || after[0] != ids[0] || strings.Fields(after[1])[1] != strings.Fields(ids[2])[1] {
		t.Errorf("was\n%q\nis\n%q", ids[:4], after[:4])
	}
}

// TestPOP3Hostile: what no client sends ends the session or is an error, never more.
func TestPOP3Hostile(t *testing.T) {
	p := start(t)
	c := dialPOP3(t, p)
	c.say("USER " + strings.Repeat("x", 900))
	if got := c.say(strings.Repeat("y", 5000)); got != "-ERR the line is too long" {
		t.Errorf("a long line: %s", got)
	}
	c = dialPOP3(t, p)
	c.say("USER ada@demo.test\x00")
	if got := c.say("PASS demo"); got != "-ERR not now" {
		t.Errorf("NUL: %s", got)
	}
	// Commands in one packet are answered in order.
	c.signIn("ada@demo.test")
	if _, err := c.Write([]byte("NOOP\r\nnoop\r\nLIST 1\r\nQUIT\r\nSTAT\r\n")); err != nil {
		t.Fatal(err)
	}
	c.want("+OK")
	c.want("+OK")
	if got := c.line(); !strings.HasPrefix(got, "+OK 1 ") {
		t.Error(got)
	}
	c.want("+OK")
	if line, err := c.in.ReadString('\n'); err == nil {
		t.Errorf("after QUIT: %q", line)
	}
}

// FuzzPOP3Session: any input is answered or ends the session; the next client is
// served.
func FuzzPOP3Session(f *testing.F) {
	for _, seed := range []string{"CAPA\r\nQUIT\r\n", "USER ada@demo.test\r\nPASS demo\r\nSTAT\r\nRETR 1\r\n", "\n\n\n", "USER \x00\xff\r\nPASS\r\n"} {
		f.Add([]byte(seed))
	}
	p, err := Start(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = p.Close() })
	f.Fuzz(func(t *testing.T, input []byte) {
		c, err := net.Dial("tcp", p.POP3)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := c.Write(append(input, "\r\nQUIT\r\n"...)); err != nil {
			t.Skip("hung up on, as it may be")
		}
		in := bufio.NewReader(c)
		for {
			if _, err := in.ReadSlice('\n'); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
	})
}

// TestLetters: the mailbox is lived in.
func TestLetters(t *testing.T) {
	total, ids, scripts := 0, map[string]bool{}, map[string]bool{}
	var refs []string
	p := start(t)
	for _, person := range People() {
		client := signIn(t, p, person)
		for _, raw := range everything(t, client) {
			total++
			m := message.Parse(raw)
			h := m.Header
			for _, field := range []string{"From", "Date", "Message-ID"} {
				if _, ok := h.Raw(field); !ok {
					t.Errorf("a letter without %s: %.200s", field, raw)
				}
			}
			own, _ := h.Raw("Message-ID")
			ids[message.MessageIDs(own)[0]] = true
			if answered, ok := h.Raw("References"); ok {
				refs = append(refs, message.MessageIDs(answered)...)
			}
			subject, _ := h.Raw("Subject")
			scripts[scriptOf(message.Text(subject))] = true
		}
	}
	if total < 195 || total > 215 {
		t.Errorf("%d letters; about 200 are wanted", total)
	}
	for _, ref := range refs {
		if !ids[ref] {
			t.Errorf("an answer to %s, which is not there", ref)
		}
	}
	for _, script := range []string{"Latin", "Hebrew", "Arabic", "Cyrillic", "Devanagari", "Han", "Greek"} {
		if !scripts[script] {
			t.Errorf("no letter in %s", script)
		}
	}
}

// everything is every message of an account.
func everything(t *testing.T, c *imapclient.Client) (all [][]byte) {
	t.Helper()
	list, err := c.List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	for _, m := range list {
		box, err := c.Select(m.Mailbox, nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if box.NumMessages == 0 {
			continue
		}
		found, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			all = append(all, f.FindBodySection(whole))
		}
	}
	return all
}

// scriptOf is the script of the first letter that is not Latin, else Latin.
func scriptOf(text string) string {
	for _, r := range text {
		for _, script := range []string{"Hebrew", "Arabic", "Cyrillic", "Devanagari", "Han", "Hiragana", "Hangul", "Greek"} {
			if unicode.Is(unicode.Scripts[script], r) {
				return script
			}
		}
	}
	return "Latin"
}
