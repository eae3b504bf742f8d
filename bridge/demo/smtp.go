package demo

import (
	"bytes"
	"io"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// maxMessage is the largest message the provider takes, in octets.
const maxMessage = 100 << 20

func newSMTP(p *Provider) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{p: p}, nil }))
	s.Domain = "demo.test"
	s.MaxMessageBytes = maxMessage
	s.AllowInsecureAuth = true
	s.ErrorLog = quiet{}
	return s
}

// session is one SMTP connection.
type session struct {
	p    *Provider
	who  string // signed in as
	from string
	to   []string
}

var _ smtp.AuthSession = (*session)(nil)

// AuthMechanisms is the ways of signing in.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth signs in.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		u, ok := s.p.users[strings.ToLower(user)]
		if !ok || u.Login(strings.ToLower(user), password) != nil {
			return smtp.ErrAuthFailed
		}
		s.who = strings.ToLower(user)
		return nil
	}), nil
}

// Mail begins a message: from whoever is signed in, nobody else.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.who == "" {
		return smtp.ErrAuthRequired
	}
	if !strings.EqualFold(from, s.who) {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "you are signed in as " + s.who}
	}
	s.from = from
	return nil
}

// Rcpt adds somebody the message is for.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, ok := s.p.users[strings.ToLower(to)]; !ok {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 2}, Message: "the demo delivers to ada@demo.test and grace@demo.test only"}
	}
	s.to = append(s.to, strings.ToLower(to))
	return nil
}

// Data takes the message and delivers it at once.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	raw = append([]byte("Return-Path: <"+s.from+">\r\n"), raw...)
	for _, to := range s.to {
		if err := s.p.Deliver(to, raw); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets the message.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// literalReader is a message as the IMAP server wants it.
type literalReader struct {
	*bytes.Reader
}

func (l literalReader) Size() int64 { return l.Reader.Size() }

func literal(raw []byte) imap.LiteralReader { return literalReader{bytes.NewReader(raw)} }
