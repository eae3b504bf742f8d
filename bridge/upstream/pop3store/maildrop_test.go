package pop3store

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// maildrop is a POP3 server of one maildrop that does what real ones cannot be made to do.
type maildrop struct {
	noUIDL, noTOP, noPipelining bool
	// fault is asked before each answer: "" answers as usual, "drop" hangs up, "cut" hangs
	// up in the middle of the answer; anything else is said instead.
	fault func(verb string, arg int) string

	mu       sync.Mutex
	messages []dropped // guarded by mu, as what follows
	retrs    int       // messages given
	sessions int
}

type dropped struct {
	uid string
	raw []byte
}

// numbered is a message whose subject is its number.
func numbered(n int) []byte {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
	return fmt.Appendf(nil, "Received: from a by b; %s\r\nFrom: Ada <ada@example.org>\r\nSubject: %d\r\nMessage-ID: <%d@example.org>\r\n\r\n.dots\r\n..\r\nbody of %d\r\n",
		at.Format(time.RFC1123Z), n, n, n)
}

func filled(n int) *maildrop {
	m := &maildrop{}
	for i := 1; i <= n; i++ {
		m.messages = append(m.messages, dropped{fmt.Sprintf("u%d", i), numbered(i)})
	}
	return m
}

// change changes what lies there.
func (m *maildrop) change(f func(*maildrop)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

func (m *maildrop) serve(c net.Conn) {
	m.mu.Lock()
	m.sessions++
	mine := slices.Clone(m.messages)
	m.mu.Unlock()
	deleted := map[int]bool{}
	in, out := bufio.NewReader(c), bufio.NewWriterSize(c, 64<<10)
	_, _ = out.WriteString("+OK hello\r\n")
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		first, _, _ := strings.Cut(args, " ")
		n, _ := strconv.Atoi(first)
		fault := ""
		var spoil func(verb string, n int) string
		m.change(func(m *maildrop) { spoil = m.fault })
		if spoil != nil {
			fault = spoil(verb, n)
		}
		answer := m.answer(verb, n, mine, deleted)
		switch fault {
		case "":
		case "drop":
			_ = out.Flush()
			return
		case "cut":
			_, _ = out.Write(answer[:len(answer)/2])
			_ = out.Flush()
			return
		default:
			answer = []byte(fault)
		}
		if verb == "QUIT" && fault == "" { // and not before (RFC 1939 §6)
			m.change(func(m *maildrop) {
				m.messages = slices.DeleteFunc(m.messages, func(d dropped) bool {
					i := slices.IndexFunc(mine, func(o dropped) bool { return o.uid == d.uid && bytes.Equal(o.raw, d.raw) })
					return i >= 0 && deleted[i+1]
				})
			})
		}
		if _, err := out.Write(answer); err != nil {
			return
		}
	}
}

func (m *maildrop) answer(verb string, n int, mine []dropped, deleted map[int]bool) []byte {
	var b bytes.Buffer
	b.WriteString("+OK\r\n")
	switch verb {
	case "CAPA":
		b.WriteString("USER\r\n")
		if !m.noPipelining {
			b.WriteString("PIPELINING\r\n")
		}
		b.WriteString(".\r\n")
	case "LIST", "UIDL":
		if verb == "UIDL" && m.noUIDL {
			return []byte("-ERR what\r\n")
		}
		for i, d := range mine {
			about := d.uid
			if verb == "LIST" {
				about = strconv.Itoa(len(d.raw))
			}
			fmt.Fprintf(&b, "%d %s\r\n", i+1, about)
		}
		b.WriteString(".\r\n")
	case "RETR", "TOP":
		if verb == "TOP" && m.noTOP || n < 1 || n > len(mine) {
			return []byte("-ERR what\r\n")
		}
		raw := mine[n-1].raw
		if verb == "TOP" {
			raw = raw[:bytes.Index(raw, []byte("\r\n\r\n"))+4]
		} else {
			m.change(func(m *maildrop) { m.retrs++ })
		}
		b.Write(bytes.ReplaceAll(raw, []byte("\n."), []byte("\n..")))
		b.WriteString(".\r\n")
	case "DELE":
		deleted[n] = true
	}
	return b.Bytes()
}

// left is the subjects of what lies there.
func (m *maildrop) left() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, d := range m.messages {
		_, rest, _ := bytes.Cut(d.raw, []byte("Subject: "))
		subject, _, _ := bytes.Cut(rest, []byte("\r\n"))
		out = append(out, string(subject))
	}
	return out
}

// store makes a Store on a maildrop.
func (m *maildrop) store(t testing.TB, change func(*Config)) *Store {
	t.Helper()
	cfg := Config{
		Dir:    t.TempDir(),
		Server: upstream.Server{Host: "127.0.0.1", Port: dialertest.Listen(t, m.serve), Security: upstream.None, User: "ada"},
		Dialer: dialertest.NewAuthority(t).Dialer(t), Password: "secret", Poll: time.Hour, Silence: 20 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	s := New(cfg)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// inbox is the subjects of what is in a mailbox, by UID.
func inbox(t testing.TB, s *Store, name string) []string {
	t.Helper()
	snap, err := s.Sync(t.Context(), name, upstream.Known{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Rows(t.Context(), upstream.MailboxRef{Name: name, UIDValidity: snap.UIDValidity}, snap.UIDs.All())
	if err != nil || len(rows) != snap.UIDs.Len() {
		t.Fatal(len(rows), err)
	}
	slices.SortFunc(rows, func(a, b upstream.Row) int { return int(a.UID) - int(b.UID) })
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Envelope.Subject
	}
	return out
}

// upTo is "1" to "n".
func upTo(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, not %q", what, got, want)
	}
}
