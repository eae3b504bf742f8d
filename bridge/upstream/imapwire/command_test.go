package imapwire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// written is what a command becomes when the server asks for every literal at once.
func written(c *Conn, cmd *Command) (string, error) {
	if cmd.err != nil {
		return "", cmd.err
	}
	var out bytes.Buffer
	out.WriteString("T1 ")
	for _, p := range cmd.pieces {
		out.Write(p.words)
		if _, err := io.Copy(&out, p.body); err != nil {
			return "", err
		}
	}
	out.Write(cmd.words)
	out.WriteString("\r\n")
	return out.String(), nil
}

func TestStringsAreSaidAsTheyAre(t *testing.T) {
	for _, c := range []struct{ caps, s, want string }{
		{"", "plain", `"plain"`},
		{"", "", `""`},
		{"", `a "b" \c`, `"a \"b\" \\c"`},
		{"", "a\r\nT2 LOGOUT", "{12}\r\na\r\nT2 LOGOUT"},
		{"LITERAL+", "grün", "{5+}\r\ngrün"},
		{"LITERAL-", "grün", "{5+}\r\ngrün"},
		{"", "grün", "{5}\r\ngrün"},
		{"LITERAL-", strings.Repeat("ü", 3000), "{6000}\r\n" + strings.Repeat("ü", 3000)},
		{"LITERAL+", strings.Repeat("ü", 3000), "{6000+}\r\n" + strings.Repeat("ü", 3000)},
	} {
		conn := reading("")
		conn.setCaps(strings.Fields(c.caps))
		got, err := written(conn, conn.command("X").text(c.s))
		if err != nil || got != "T1 X "+c.want+"\r\n" {
			t.Errorf("%q with %q: %q, %v", c.s, c.caps, got, err)
		}
	}
}

func TestWhatCannotBeSaidIsNot(t *testing.T) {
	c := reading("")
	for name, cmd := range map[string]*Command{
		"NUL":               c.command("X").text("a\x00b"),
		"no UIDs":           c.Copy(nil, "x"),
		"no keyword":        c.Store(imap.UIDSetNum(1), true, []imap.Flag{"a b"}),
		"no flag":           c.Store(imap.UIDSetNum(1), true, []imap.Flag{`\`}),
		"a line end":        c.Store(imap.UIDSetNum(1), true, []imap.Flag{"a\r\nb"}),
		"no header field":   c.Fetch(imap.UIDSetNum(1), Items{Sections: []*imap.FetchItemBodySection{{HeaderFields: []string{"a)b"}}}}, nil),
		"a search too deep": c.Search(deepSearch(200), false).Command,
	} {
		if err := cmd.Do(); !errors.Is(err, ErrCannotSay) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c.Err() != nil || c.tags != 0 {
		t.Errorf("the connection suffered: %v, %d", c.Err(), c.tags)
	}
}

func deepSearch(n int) *imap.SearchCriteria {
	out := imap.SearchCriteria{}
	for range n {
		out = imap.SearchCriteria{Not: []imap.SearchCriteria{out}}
	}
	return &out
}

func TestALiteralWaitsToBeAskedFor(t *testing.T) {
	s := plays(t, "")
	if err := s.client.Create("süß\r\n", "").Do(); err != nil {
		t.Fatal(err)
	}
	if want := "T1 CREATE {7}\r\nsüß\r\n\r\n"; s.commands() != want {
		t.Errorf("%q", s.commands())
	}
	body := strings.Repeat("x", 100_000)
	s = plays(t, "LITERAL+")
	if err := s.client.Append("INBOX", nil, time.Time{}, strings.NewReader(body), int64(len(body))).Do(); err != nil {
		t.Fatal(err)
	}
	if want := "T1 APPEND \"INBOX\" {100000}\r\n" + body + "\r\n"; s.commands() != want {
		t.Errorf("%.100q", s.commands())
	}
}

// A literal is sent when it is asked for, and not because something was asked for before:
// what is in it could be commands.
func TestALiteralIsNotSentByMistake(t *testing.T) {
	near, far := pipe(t)
	says(t, far, "* OK [CAPABILITY IMAP4rev1] hello\r\n",
		[2]string{"T1 NOOP", "+ what?\r\nT1 OK done\r\n"},
		[2]string{`T2 APPEND "INBOX" {12}`, "* 1 EXISTS\r\nT2 NO no\r\n"},
		[2]string{"T3 NOOP", "T3 OK done\r\n"})
	c := New(near, Options{Silence: 5 * time.Second, Budget: 1 << 20})
	if _, err := c.Greeting(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	if err := c.Noop().Do(); err != nil {
		t.Fatal(err)
	}
	if err := c.Append("INBOX", nil, time.Time{}, strings.NewReader("T9 LOGOUT\r\n\r\n"), 12).Do(); err == nil || c.Err() != nil {
		t.Error(err, c.Err())
	}
	if err := c.Noop().Do(); err != nil {
		t.Error(err)
	}
}

func TestALiteralThatIsRefusedIsNotSent(t *testing.T) {
	near, far := pipe(t)
	go func() {
		in := bufio.NewReader(far)
		_, _ = io.WriteString(far, "* OK [CAPABILITY IMAP4rev1] hello\r\n")
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(far, "T1 NO [TRYCREATE] no such mailbox\r\n")
		line, _ := in.ReadString('\n')
		_, _ = io.WriteString(far, strings.Fields(line + " ?")[0]+" OK done\r\n")
	}()
	c := New(near, Options{Silence: 5 * time.Second, Budget: 1 << 20})
	if _, err := c.Greeting(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	err := c.Append("nowhere", nil, time.Time{}, strings.NewReader("body"), 4).Do()
	if e := new(imap.Error); !errors.As(err, &e) || e.Code != imap.ResponseCodeTryCreate {
		t.Fatal(err)
	}
	if err := c.Noop().Do(); err != nil {
		t.Error(err)
	}
}

// says plays one conversation: lines that must come, and what is answered to each.
func says(t *testing.T, far net.Conn, greeting string, lines ...[2]string) {
	t.Helper()
	go func() {
		in := bufio.NewReader(far)
		_, _ = io.WriteString(far, greeting)
		for _, l := range lines {
			line, err := in.ReadString('\n')
			if got := strings.TrimRight(line, "\r\n"); err != nil || got != l[0] {
				t.Errorf("%q came, not %q (%v)", got, l[0], err)
			}
			_, _ = io.WriteString(far, l[1])
		}
	}()
}

func TestSigningInStepByStep(t *testing.T) {
	for name, c := range map[string]struct {
		caps  string
		mech  sasl.Client
		lines [][2]string
		ok    bool
	}{
		"PLAIN":         {"AUTH=PLAIN", sasl.NewPlainClient("", "ada", "pw"), [][2]string{{"T1 AUTHENTICATE PLAIN", "+ \r\n"}, {"AGFkYQBwdw==", "T1 OK [CAPABILITY X] in\r\n"}}, true},
		"PLAIN at once": {"AUTH=PLAIN SASL-IR", sasl.NewPlainClient("", "ada", "pw"), [][2]string{{"T1 AUTHENTICATE PLAIN AGFkYQBwdw==", "T1 OK in\r\n"}}, true},
		"LOGIN": {"AUTH=LOGIN", sasl.NewLoginClient("ada", "pw"), [][2]string{
			{"T1 AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6\r\n"}, {"YWRh", "+ UGFzc3dvcmQ6\r\n"}, {"cHc=", "T1 OK in\r\n"},
		}, true},
		"a challenge that is none": {"AUTH=LOGIN", sasl.NewLoginClient("ada", "pw"), [][2]string{
			{"T1 AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6\r\n"}, {"YWRh", "+ ?\r\n"}, {"*", "T1 BAD given up\r\n"},
		}, false},
		"refused": {"AUTH=PLAIN", sasl.NewPlainClient("", "ada", "pw"), [][2]string{{"T1 AUTHENTICATE PLAIN", "T1 NO no\r\n"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := pipe(t)
			says(t, far, "* OK [CAPABILITY IMAP4rev1 "+c.caps+"] hello\r\n", c.lines...)
			conn := New(near, Options{Silence: 5 * time.Second, Budget: 1 << 20})
			if _, err := conn.Greeting(5 * time.Second); err != nil {
				t.Fatal(err)
			}
			if err := conn.Authenticate(c.mech); (err == nil) != c.ok || conn.Err() != nil {
				t.Error(err, conn.Err())
			}
			if conn.Has("AUTH=" + imap.Cap(strings.Fields(name)[0])) {
				t.Error("what was said before signing in is still believed")
			}
		})
	}
}

// FuzzCommands: whatever people write, a command is one command, and a server reads what was
// meant.
func FuzzCommands(f *testing.F) {
	f.Add("hello", "INBOX", false)
	f.Add("a\"b\\c", "x {5}\r\nT9 LOGOUT", true)
	f.Add("{3+}", "ü&-", true)
	f.Add("\x00", "\x7f\xff", false)
	f.Fuzz(func(t *testing.T, text, name string, plus bool) {
		c := reading("")
		if plus {
			c.setCaps([]string{"LITERAL+"})
		}
		criteria := &imap.SearchCriteria{
			Text: []string{text}, Header: []imap.SearchCriteriaHeaderField{{Key: name, Value: text}},
			Not: []imap.SearchCriteria{{Body: []string{name}}}, Or: [][2]imap.SearchCriteria{{{Flag: []imap.Flag{imap.Flag(text)}}, {NotFlag: []imap.Flag{imap.Flag(name)}}}},
		}
		for _, cmd := range []*Command{
			c.Search(criteria, true).Command, c.Sort([]SortKey{{Name: "DATE"}}, criteria).Command, c.Create(c.EncodeName(name), ""),
			c.Rename(c.EncodeName(name), c.EncodeName(text)), c.Login(name, text), c.Copy(imap.UIDSetNum(1), name), c.ID(name, nil),
			c.Store(imap.UIDSetNum(1), true, []imap.Flag{imap.Flag(text), imap.Flag(name)}), c.Status(name, StatusItems{Counts: true}).Command,
			c.Append(name, []imap.Flag{imap.Flag(text)}, time.Time{}, strings.NewReader(text), int64(len(text))),
		} {
			got, err := written(c, cmd)
			if err != nil {
				if !errors.Is(err, ErrCannotSay) {
					t.Fatal(err)
				}
				continue
			}
			in := bufio.NewReader(strings.NewReader(got))
			one, err := readCommand(in, io.Discard)
			if err != nil || one != got {
				t.Fatalf("%q is read as %q (%v)", got, one, err)
			}
		}
	})
}

func FuzzUTF7(f *testing.F) {
	for _, s := range []string{"INBOX", "Entwürfe", "&", "&-", "&AOQ-", "&AOQ", "a&b-", "\U0001f60a", "&2D3eCg-", "\xff", "&AGE-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if name, ok := DecodeUTF7(s); ok && EncodeUTF7(name) != s {
			t.Errorf("%q is %q is %q", s, name, EncodeUTF7(name))
		}
		wire := EncodeUTF7(s)
		for i := range len(wire) {
			if wire[i] < ' ' || wire[i] > '~' {
				t.Fatalf("%q", wire)
			}
		}
		if name, ok := DecodeUTF7(wire); !ok || name != strings.ToValidUTF8(s, "\ufffd") && !strings.Contains(name, "\ufffd") {
			t.Errorf("%q is %q is %q", s, wire, name)
		}
	})
}

func TestUTF7(t *testing.T) {
	for name, wire := range map[string]string{
		"INBOX": "INBOX", "Entwürfe": "Entw&APw-rfe", "Reisen & Café ✈": "Reisen &- Caf&AOk- &Jwg-", "日本語": "&ZeVnLIqe-", "\U0001f60a": "&2D3eCg-", "a\tb": "a&AAk-b",
	} {
		if got := EncodeUTF7(name); got != wire {
			t.Errorf("%q: %q, not %q", name, got, wire)
		}
		if got, ok := DecodeUTF7(wire); !ok || got != name {
			t.Errorf("%q: %q, not %q", wire, got, name)
		}
	}
	for _, wire := range []string{"&", "&AOQ", "&AGE-", "&AOQ-&AOQ-", "&2D0-", "&A-", "a\tb", "ü", "&AOQA-", "&AOQ=-"} {
		if name, ok := DecodeUTF7(wire); ok {
			t.Errorf("%q is %q", wire, name)
		}
	}
}
