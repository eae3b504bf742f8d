package pop3wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/signin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSignIn: each way of signing in, on each kind of connection, to a real server.
func TestSignIn(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{Config: "auth_mechanisms = plain login cram-md5 apop\npop3_lock_session = yes"})
	srv.Deliver(t, "ada", "INBOX", []byte("Subject: one\r\n\r\n.hello\r\n..\r\n.\r\nthere\r\n"))
	for _, security := range []upstream.Security{upstream.TLS, upstream.STARTTLS, upstream.None} {
		for _, way := range []string{"", signin.Commands, signin.APOP, signin.Plain, signin.Login, signin.CRAMMD5} {
			t.Run(fmt.Sprintf("%s %s", security, way), func(t *testing.T) {
				cfg := Config{Server: srv.POP3("ada", security), Password: dovecot.Password, Auth: way, Dialer: srv.Dialer}
				c, err := Open(t.Context(), cfg)
				if way == signin.APOP && security == upstream.STARTTLS { // there is no greeting to take a timestamp from
					if upstream.KindOf(err) != upstream.KindNoAuth {
						t.Errorf("%v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if security == upstream.TLS && way == "" { // Dovecot takes ten seconds to say that it is in use
					if err := Check(t.Context(), cfg); err != nil {
						t.Errorf("in use, and so the password is right: %v", err)
					}
				}
				mail(t, c)
				if err := c.Quit(t.Context()); err != nil {
					t.Error(err)
				}
				cfg.Password = "wrong"
				if _, err := Open(t.Context(), cfg); upstream.KindOf(err) != upstream.KindAuth || strings.Contains(err.Error(), "wrong") {
					t.Errorf("a wrong password: %v", err)
				}
			})
		}
	}
}

// mail looks at the one message there is.
func mail(t *testing.T, c *Conn) {
	t.Helper()
	list, err := c.List(t.Context())
	if err != nil || len(list) != 1 || list[0].UID == "" || list[0].Number != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	got := texts(t, c.Read, 1)
	if want := "Subject: one\r\n\r\n.hello\r\n..\r\n.\r\nthere\r\n"; got[0] != want || list[0].Size != int64(len(want)) {
		t.Errorf("%q, of %d octets", got[0], list[0].Size)
	}
	if got := texts(t, c.Headers, 1); got[0] != "Subject: one\r\n\r\n" {
		t.Errorf("%q", got[0])
	}
}

func texts(t *testing.T, read func(context.Context, []int, func(int, io.Reader, error) error) error, numbers ...int) (out []string) {
	t.Helper()
	err := read(t.Context(), numbers, func(_ int, octets io.Reader, refused error) error {
		if refused != nil {
			out = append(out, "refused: "+string(upstream.KindOf(refused)))
			return nil
		}
		all, err := io.ReadAll(octets)
		out = append(out, string(all))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// server answers by a script: what it says to each command, by its first word. It says
// what is under "" when it is connected to. "drop" hangs up, "stall" says nothing more.
type server struct {
	port int

	mu    sync.Mutex
	heard []string // guarded by mu
}

func script(t *testing.T, says map[string]string) *server {
	t.Helper()
	s := &server{}
	s.port = dialertest.Listen(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		for verb, line := "hello", "hello"; ; {
			answer, ok := says[line]
			if !ok {
				answer, ok = says[verb]
			}
			if !ok {
				answer = "-ERR what\r\n"
			}
			switch answer {
			case "drop":
				return
			case "stall":
				_, _ = io.Copy(io.Discard, c)
				return
			}
			text, drop := strings.CutSuffix(answer, "drop")
			if _, err := io.WriteString(c, text); err != nil || drop {
				return
			}
			var err error
			if line, err = in.ReadString('\n'); err != nil {
				return
			}
			line = strings.TrimRight(line, "\r\n")
			s.mu.Lock()
			s.heard = append(s.heard, line)
			s.mu.Unlock()
			verb, _, _ = strings.Cut(line, " ")
		}
	})
	return s
}

func (s *server) open(t *testing.T, change func(*Config)) (*Conn, error) {
	t.Helper()
	cfg := Config{
		Server:   upstream.Server{Host: "127.0.0.1", Port: s.port, Security: upstream.None, User: "ada"},
		Password: "secret", Dialer: dialertest.NewAuthority(t).Dialer(t), Silence: 20 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := Open(t.Context(), cfg)
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.heard, "|")
}

const ok = "+OK\r\n"

// TestWhatIsSaid: the words to servers that offer this or that.
func TestWhatIsSaid(t *testing.T) {
	capa := func(lines ...string) string { return "+OK\r\n" + strings.Join(append(lines, "."), "\r\n") + "\r\n" }
	long := upstream.Secret(strings.Repeat("t", 300))
	for _, c := range []struct {
		name   string
		says   map[string]string
		change func(*Config)
		want   string // what was said, and what came of it
	}{
		{"a server of 1996", map[string]string{"hello": ok, "USER": ok, "PASS": ok}, nil, "CAPA|USER ada|PASS secret"},
		{
			"APOP",
			map[string]string{"hello": "+OK hello <1896.697170952@dbc.mtview.ca.us>\r\n", "APOP": ok},
			func(c *Config) { c.Server.User, c.Password = "mrose", "tanstaaf" },
			"CAPA|APOP mrose c4c9334bac560ecc979e58001b3e22fb",
		}, // RFC 1939 §7
		{
			"APOP for show",
			map[string]string{"hello": "+OK <1@x>\r\n", "APOP": "-ERR [AUTH] no\r\n", "USER": ok, "PASS": ok},
			nil,
			"CAPA|APOP ada 37257aa37904a2ac86c6572e6528a18c|USER ada|PASS secret",
		},
		{
			"CRAM-MD5",
			map[string]string{"hello": ok, "CAPA": capa("SASL PLAIN CRAM-MD5"), "AUTH": "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n", "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw": ok},
			func(c *Config) { c.Server.User, c.Password = "tim", "tanstaaftanstaaf" },
			"CAPA|AUTH CRAM-MD5|dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw",
		}, // RFC 2195 §2
		{"UTF8, and PLAIN", map[string]string{"hello": ok, "CAPA": capa("SASL PLAIN", "UTF8 USER"), "UTF8": ok, "AUTH": ok}, nil, "CAPA|UTF8|AUTH PLAIN AGFkYQBzZWNyZXQ="},
		{"UTF8 for show", map[string]string{"hello": ok, "CAPA": capa("USER", "UTF8"), "USER": ok, "PASS": ok}, nil, "CAPA|UTF8|USER ada|PASS secret"},
		{"LOGIN alone", map[string]string{"hello": ok, "CAPA": capa("SASL LOGIN"), "AUTH": "+ VXNlcm5hbWU6\r\n", "YWRh": "+ UGFzc3dvcmQ6\r\n", "c2VjcmV0": ok}, nil, "CAPA|AUTH LOGIN|YWRh|c2VjcmV0"},
		{"XOAUTH2", map[string]string{"hello": ok, "CAPA": capa("SASL XOAUTH2"), "AUTH": ok}, func(c *Config) { c.Auth = "xoauth2" }, "CAPA|AUTH XOAUTH2 dXNlcj1hZGEBYXV0aD1CZWFyZXIgc2VjcmV0AQE="},
		{"XOAUTH2 refused", map[string]string{"hello": ok, "CAPA": capa("SASL XOAUTH2"), "AUTH": "+ e30=\r\n", "": "-ERR [AUTH] no\r\n"}, func(c *Config) { c.Auth = signin.XOAuth2 }, "CAPA|AUTH XOAUTH2 dXNlcj1hZGEBYXV0aD1CZWFyZXIgc2VjcmV0AQE=| = auth"},
		{"OAUTHBEARER", map[string]string{"hello": ok, "CAPA": capa("SASL OAUTHBEARER"), "AUTH": ok}, func(c *Config) { c.Auth = signin.OAuthBearer }, "CAPA|AUTH OAUTHBEARER bixhPWFkYSwBYXV0aD1CZWFyZXIgc2VjcmV0AQE="},
		{
			"a token too long for a line",
			map[string]string{"hello": ok, "CAPA": capa("SASL XOAUTH2"), "AUTH": "+ \r\n", "dXNlcj1hZGEBYXV0aD1CZWFyZXIg" + strings.Repeat("dHR0", 100) + "AQE=": ok},
			func(c *Config) { c.Auth, c.Password = signin.XOAuth2, long },
			"CAPA|AUTH XOAUTH2|dXNlcj1hZGEBYXV0aD1CZWFyZXIg" + strings.Repeat("dHR0", 100) + "AQE=",
		},
		{"no way in", map[string]string{"hello": ok, "CAPA": capa("SASL GSSAPI")}, nil, "CAPA = noAuth"},
		{"a line end in the user name", map[string]string{"hello": ok, "USER": ok}, func(c *Config) { c.Server.User = "ada\r\nDELE 1" }, "CAPA = auth"},
		{"a line end in the password", map[string]string{"hello": ok, "USER": ok}, func(c *Config) { c.Password = "x\nDELE 1" }, "CAPA = auth"},
		{"no STLS", map[string]string{"hello": ok}, func(c *Config) { c.Server.Security = upstream.STARTTLS }, "STLS = noSTARTTLS"},
		{"words slipped in before TLS", map[string]string{"hello": ok, "STLS": "+OK\r\n+OK\r\n"}, func(c *Config) { c.Server.Security = upstream.STARTTLS }, "STLS = protocol"},
		{"signed in by itself", map[string]string{"hello": "+OK\r\n+OK\r\n"}, nil, " = protocol"},
		{"not now", map[string]string{"hello": "-ERR [SYS/TEMP] later\r\n"}, nil, " = unavailable"},
		{"a web server", map[string]string{"hello": "HTTP/1.1 400 Bad Request\r\n"}, nil, " = protocol"},
		{"one endless line", map[string]string{"hello": "+OK " + strings.Repeat("x", 100_000)}, nil, " = protocol"},
		{"an endless CAPA", map[string]string{"hello": ok, "CAPA": "+OK\r\n" + strings.Repeat("X\r\n", 2000)}, nil, "CAPA = protocol"},
		{"wrong", map[string]string{"hello": ok, "USER": ok, "PASS": "-ERR no secret here\r\n"}, nil, "CAPA|USER ada|PASS secret = auth"},
		{"in use", map[string]string{"hello": ok, "USER": ok, "PASS": "-ERR [IN-USE] wait\r\n"}, nil, "CAPA|USER ada|PASS secret = limit"},
		{"in use, in words", map[string]string{"hello": ok, "USER": ok, "PASS": "-ERR maildrop lock busy\r\n"}, nil, "CAPA|USER ada|PASS secret = limit"},
		{"too soon", map[string]string{"hello": ok, "USER": ok, "PASS": "-ERR [LOGIN-DELAY] wait\r\n"}, nil, "CAPA|USER ada|PASS secret = limit"},
		{"out of order", map[string]string{"hello": ok, "USER": ok, "PASS": "-ERR [SYS/PERM] broken\r\n"}, nil, "CAPA|USER ada|PASS secret = refused"},
		{"dropped at hello", map[string]string{"hello": "drop"}, nil, " = lost"},
		{"dropped at CAPA", map[string]string{"hello": ok, "CAPA": "drop"}, nil, "CAPA = lost"},
		{"dropped at PASS", map[string]string{"hello": ok, "USER": ok, "PASS": "drop"}, nil, "CAPA|USER ada|PASS secret = lost"},
		{"silent at hello", map[string]string{"hello": "stall"}, func(c *Config) { c.Silence = 50 * time.Millisecond }, " = timeout"},
		{"silent at PASS", map[string]string{"hello": ok, "USER": ok, "PASS": "stall"}, func(c *Config) { c.Silence = 500 * time.Millisecond }, "CAPA|USER ada|PASS secret = timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := script(t, c.says)
			_, err := s.open(t, c.change)
			said := s.said()
			if err != nil {
				said += " = " + string(upstream.KindOf(err))
				if e := new(upstream.Error); errors.As(err, &e) && strings.Contains(e.Error()+e.Text, "secret") {
					t.Errorf("it tells the password: %+v", e)
				}
			}
			if said != c.want {
				t.Errorf("said %q\nwant %q (%v)", said, c.want, err)
			}
		})
	}
}

// session is a script of a server that is signed in to, with more to it.
func session(more map[string]string) map[string]string {
	all := map[string]string{"hello": ok, "USER": ok, "PASS": ok, "CAPA": "+OK\r\nUSER\r\nPIPELINING\r\nLOGIN-DELAY 120 USER\r\n.\r\n", "QUIT": ok}
	maps.Copy(all, more)
	return all
}

func TestList(t *testing.T) {
	for name, c := range map[string]struct {
		list, uidl string
		want       string
	}{
		"both":          {"+OK\r\n1 10\r\n3 30 more\r\n.\r\n", "+OK\r\n1 a\r\n3 c\r\n.\r\n", "1/10/a 3/30/c"},
		"no UIDL":       {"+OK\r\n1 10\r\n.\r\n", "-ERR what\r\n", "1/10/"},
		"holes":         {"+OK\r\n1 10\r\n2 20\r\n.\r\n", "+OK\r\n2 b\r\n9 z\r\n.\r\n", "1/10/ 2/20/b"},
		"nothing":       {"+OK\r\n.\r\n", "+OK\r\n.\r\n", ""},
		"LF alone":      {"+OK\n1 10\n.\n", "+OK\n1 a\n.\n", "1/10/a"},
		"a number":      {"+OK\r\nx 10\r\n.\r\n", "", "protocol"},
		"none":          {"+OK\r\n0 10\r\n.\r\n", "", "protocol"},
		"twice":         {"+OK\r\n1 10\r\n1 10\r\n.\r\n", "", "protocol"},
		"a size":        {"+OK\r\n1 -1\r\n.\r\n", "", "protocol"},
		"an id":         {"+OK\r\n1 1\r\n.\r\n", "+OK\r\n1 " + strings.Repeat("x", 600) + "\r\n.\r\n", "protocol"},
		"a drop":        {"+OK\r\n1 1\r\ndrop", "", "lost"},
		"refused":       {"-ERR [SYS/TEMP] no\r\n", "", "unavailable"},
		"a dropped id":  {"+OK\r\n1 1\r\n.\r\n", "+OK\r\n1 drop", "lost"},
		"an endless id": {"+OK\r\n1 1\r\n.\r\n", "+OK\r\n1 " + strings.Repeat("x", 100_000), "protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := script(t, session(map[string]string{"LIST": c.list, "UIDL": c.uidl})).open(t, nil)
			if err != nil {
				t.Fatal(err)
			}
			if conn.LoginDelay() != 2*time.Minute {
				t.Error(conn.LoginDelay())
			}
			list, err := conn.List(t.Context())
			var got []string
			for _, l := range list {
				got = append(got, fmt.Sprintf("%d/%d/%s", l.Number, l.Size, l.UID))
			}
			if err != nil {
				got = []string{string(upstream.KindOf(err))}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q (%v), not %q", got, err, c.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	s := script(t, session(map[string]string{
		"RETR 1": "+OK\r\n..one\r\n...\r\n" + strings.Repeat("long ", 50_000) + "\r\n.\r\n",
		"RETR 2": "-ERR no such message\r\n",
		"RETR 3": "+OK\r\nLF\n.\nis no line end\r\n.\r\n",
		"RETR 4": "+OK\n..bare\n.\n",
		"RETR 5": "+OK\r\n.\r\n",
		"DELE 1": ok, "DELE 3": ok,
	}))
	c, err := s.open(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".one\r\n..\r\n" + strings.Repeat("long ", 50_000) + "\r\n", "refused: refused", "LF\n.\nis no line end\r\n", ".bare\n", ""}
	if got := texts(t, c.Read, 1, 2, 3, 4, 5); !slices.Equal(got, want) {
		t.Errorf("%.200q", got)
	}
	// What is not read is passed over.
	if err := c.Read(t.Context(), []int{1, 5}, func(int, io.Reader, error) error { return nil }); err != nil {
		t.Error(err)
	}
	marked, err := c.Delete(t.Context(), []int{1, 2, 3})
	if err != nil || !slices.Equal(marked, []int{1, 3}) {
		t.Errorf("%v, %v", marked, err)
	}
	if err := c.Quit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestBreaks: what ends in the middle of a message is an error, and so is who gives up.
func TestBreaks(t *testing.T) {
	for name, says := range map[string]string{"before": "drop", "in a line": "+OK\r\nSubject: xdrop", "before the dot": "+OK\r\nhello\r\ndrop", "after the dot": "+OK\r\nhello\r\n.drop", "in the end": "+OK\r\nhello\r\n.\rdrop"} {
		c, err := script(t, session(map[string]string{"RETR": says})).open(t, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Read(t.Context(), []int{1, 2}, func(_ int, octets io.Reader, _ error) error {
			_, err := io.Copy(io.Discard, octets)
			return err
		})
		if upstream.KindOf(err) != upstream.KindLost {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := script(t, session(map[string]string{"RETR": "+OK\r\nhello\r\n"})).open(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = c.Read(ctx, []int{1}, func(_ int, octets io.Reader, _ error) error {
		cancel()
		_, err := io.Copy(io.Discard, octets)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// FuzzReply: whatever a server says is taken apart or an error, and a message with its
// dots doubled comes back as it was.
func FuzzReply(f *testing.F) {
	f.Add([]byte("+OK [x] y\r\n1 2\r\n.\r\n"), true)
	f.Add([]byte(".\r\n..\r\n\n.\n\r.\r\n"), true)
	f.Add([]byte("-ERR [IN-USE]\n"), false)
	f.Fuzz(func(t *testing.T, raw []byte, whole bool) {
		r := newReader(bytes.NewReader(raw))
		if _, err := r.reply(); err == nil {
			_ = r.list(func(string) error { return nil })
		}
		stuffed := bytes.ReplaceAll(append([]byte("\r\n"), raw...), []byte("\r\n."), []byte("\r\n.."))[2:]
		if !bytes.HasSuffix(raw, []byte("\r\n")) && len(raw) > 0 {
			stuffed, raw = append(stuffed, "\r\n"...), append(slices.Clone(raw), "\r\n"...)
		}
		var in io.Reader = bytes.NewReader(append(append([]byte("+OK\r\n"), stuffed...), ".\r\n+OK next\r\n"...))
		if !whole {
			in = io.MultiReader(io.LimitReader(in, 8), &oneByOne{in})
		}
		r = newReader(in)
		if a, err := r.reply(); err != nil || a.status != "+OK" {
			t.Fatal(a, err)
		}
		got, err := io.ReadAll(r.body())
		if err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%q became %q (%v)", raw, got, err)
		}
		if a, err := r.reply(); err != nil || a.text != "next" {
			t.Fatal(a, err)
		}
	})
}

type oneByOne struct{ io.Reader }

func (o *oneByOne) Read(p []byte) (int, error) { return o.Reader.Read(p[:min(len(p), 1)]) }
