package smtpsend

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// mailServer is go-smtp's own server, with the account ada / open sesame.
type mailServer struct {
	mechanisms []string

	mu   sync.Mutex
	mail []received // guarded by mu
	auth []string   // guarded by mu: the mechanisms used
}

type received struct {
	from string
	to   []string
	body string
	opts smtp.MailOptions
}

type session struct {
	s        *mailServer
	current  received
	signedIn bool
}

func (s *session) Reset()         { s.current = received{} }
func (s *session) Logout() error  { return nil }
func (s *session) needAuth() bool { return len(s.s.mechanisms) > 0 && !s.signedIn }

func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	if s.needAuth() {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.current.from, s.current.opts = from, *opts
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.current.to = append(s.current.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.current.body = string(body)
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.mail = append(s.s.mail, s.current)
	return nil
}

func (s *session) AuthMechanisms() []string { return s.s.mechanisms }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	s.s.mu.Lock()
	s.s.auth = append(s.s.auth, mechanism)
	s.s.mu.Unlock()
	check := func(user, password string) error {
		if user != "ada" || password != "open sesame" {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// loginServer asks in the words of an Exchange server.
type loginServer struct {
	user  *string
	asked bool
	check func(user, password string) error
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case !l.asked:
		l.asked = true
		return []byte("User Name\x00"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password\x00"), false, nil
	}
	return nil, true, l.check(*l.user, string(response))
}

// arrived gives the messages that arrived and the mechanisms that were used.
func (m *mailServer) arrived() ([]received, []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mail), slices.Clone(m.auth)
}

func (m *mailServer) start(t *testing.T, security upstream.Security, change func(*smtp.Server)) Config {
	t.Helper()
	authority := dialertest.NewAuthority(t)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{s: m}, nil }))
	server.AllowInsecureAuth = security == upstream.None
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.TLSConfig = authority.Config(t, "127.0.0.1")
	if change != nil {
		change(server)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	if security == upstream.TLS {
		ln = tls.NewListener(ln, server.TLSConfig)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(ln) })
	t.Cleanup(func() {
		_ = server.Close()
		wg.Wait()
	})
	return Config{
		Server: upstream.Server{Host: "127.0.0.1", Port: port, Security: security, User: "ada"},
		Dialer: authority.Dialer(t),
	}
}

// A message arrives once, as it was, for the right people, on every kind of
// connection and with every way of signing in.
func TestSend(t *testing.T) {
	for _, security := range []upstream.Security{upstream.TLS, upstream.STARTTLS, upstream.None} {
		for _, c := range []struct {
			offered []string
			auth    string
			used    string
		}{
			{[]string{"PLAIN", "LOGIN"}, "", "PLAIN"},
			{[]string{"LOGIN"}, "", "LOGIN"},
			{[]string{"XOAUTH2", "LOGIN", "PLAIN"}, "login", "LOGIN"},
			{[]string{"LOGIN", "PLAIN"}, "plain", "PLAIN"},
			{nil, "none", ""},
			{nil, "", ""},
		} {
			t.Run(fmt.Sprintf("%s/%v/%s", security, c.offered, c.auth), func(t *testing.T) {
				m := &mailServer{mechanisms: c.offered}
				cfg := m.start(t, security, nil)
				cfg.Auth = c.auth
				if c.offered != nil {
					cfg.Password = "open sesame"
				}
				sender := New(cfg)
				if err := sender.Check(t.Context()); err != nil {
					t.Fatalf("Check: %v", err)
				}
				body := "Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nf\xfcr\r\n"
				receipt, err := sender.Send(t.Context(), outgoing(body))
				if err != nil {
					t.Fatal(err)
				}
				if len(receipt.Replies) != 2 || receipt.Replies[0].Code != 250 || receipt.Replies[1].Enhanced != "2.0.0" || receipt.Replies[1].Text == "" {
					t.Errorf("receipt %+v", receipt)
				}
				mail, auth := m.arrived()
				if len(mail) != 1 {
					t.Fatalf("%d messages arrived", len(mail))
				}
				got := mail[0]
				if got.from != "ada@example.org" || !slices.Equal(got.to, []string{"grace@example.org", "alan@example.org"}) || got.body != body {
					t.Errorf("arrived: %+v", got)
				}
				if got.opts.Body != smtp.Body8BitMIME || got.opts.Size != int64(len(body)) || got.opts.UTF8 {
					t.Errorf("options %+v", got.opts)
				}
				if c.used != "" && (len(auth) != 2 || auth[1] != c.used) {
					t.Errorf("signed in with %v, want %s", auth, c.used)
				}
			})
		}
	}
}

func TestWrongPassword(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		m := &mailServer{mechanisms: []string{mechanism}}
		cfg := m.start(t, upstream.TLS, nil)
		cfg.Password = "guess"
		start := time.Now()
		wantError(t, New(cfg).Check(t.Context()), upstream.Error{Kind: upstream.KindAuth, Step: stepSignIn, Code: "535", Text: "Authentication failed"})
		if _, auth := m.arrived(); len(auth) != 1 || time.Since(start) > time.Second {
			t.Errorf("%s: %d attempts in %v", mechanism, len(auth), time.Since(start))
		}
	}
}

func TestNullSender(t *testing.T) {
	m := &mailServer{}
	msg := outgoing(text)
	msg.From = ""
	if _, err := New(m.start(t, upstream.None, nil)).Send(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	if mail, _ := m.arrived(); len(mail) != 1 || mail[0].from != "" {
		t.Errorf("arrived: %+v", mail)
	}
}

func TestSMTPUTF8(t *testing.T) {
	m := &mailServer{}
	for _, address := range []string{"grüße@example.org", "ada@bücher.example"} {
		msg := outgoing(text)
		msg.To = []string{"grace@example.org", address}
		if _, err := New(m.start(t, upstream.None, nil)).Send(t.Context(), msg); err != nil {
			t.Fatal(err)
		}
		mail, _ := m.arrived()
		if got := mail[len(mail)-1]; !got.opts.UTF8 || got.to[1] != address {
			t.Errorf("arrived: %+v", got)
		}
	}
	plain := m.start(t, upstream.None, func(s *smtp.Server) { s.EnableSMTPUTF8 = false })
	written := outgoing("To: ada@b\xc3\xbccher.example\r\n\r\nf\xc3\xbcr\r\n")
	written.To, written.EightBit = []string{"ada@b\xc3\xbccher.example"}, true
	if _, err := New(plain).Send(t.Context(), written); err != nil {
		t.Fatal(err)
	}
	mail, _ := m.arrived()
	if got := mail[2]; got.opts.UTF8 || got.to[0] != "ada@xn--bcher-kva.example" || !strings.HasPrefix(got.body, "To: ada@xn--bcher-kva.example\r\n") || !strings.Contains(got.body, "f=C3=BCr") {
		t.Errorf("arrived: %+v", got)
	}
	old := m.start(t, upstream.None, func(s *smtp.Server) { s.EnableSMTPUTF8 = false })
	msg := outgoing(text)
	msg.To = []string{"grace@example.org", "grüße@example.org"}
	_, err := New(old).Send(t.Context(), msg)
	wantError(t, err, upstream.Error{
		Kind: upstream.KindRefused, Step: stepAddresses,
		Text: "the server takes no addresses with other than plain letters: grüße@example.org",
	})
	if mail, _ := m.arrived(); len(mail) != 3 {
		t.Error("it was sent all the same")
	}
}

func TestSize(t *testing.T) {
	m := &mailServer{}
	cfg := m.start(t, upstream.None, func(s *smtp.Server) { s.MaxMessageBytes = 1_500_000 })
	if _, err := New(cfg).Send(t.Context(), outgoing(strings.Repeat("0123456789abc\r\n", 99_999))); err != nil {
		t.Errorf("a message near the largest size: %v", err)
	}
	_, err := New(cfg).Send(t.Context(), outgoing(strings.Repeat("0123456789abc\r\n", 100_001)))
	wantError(t, err, upstream.Error{
		Kind: upstream.KindRefused, Step: stepSize, Text: "message is larger than the server takes (1.5 MB)",
	})
	if mail, _ := m.arrived(); len(mail) != 1 {
		t.Errorf("%d messages arrived", len(mail))
	}
}
