package discover

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// protocol is what must be known of a protocol to find its servers.
type protocol struct {
	name     string // in SRV names and autoconfig files
	greeting string // how the first reply begins
	more     func(line string) bool
	startTLS []exchange
	hosts    []string // well-known names, before the domain
	ports    []portSecurity
}

type exchange struct{ send, want string }

// portSecurity is a well-known port; implicit TLS comes before STARTTLS (RFC 8314 §3).
type portSecurity struct {
	port     int
	security upstream.Security
}

var (
	imapProtocol = &protocol{
		name:     "imap",
		greeting: "* OK", // not PREAUTH, which would leave STARTTLS out (RFC 9051 §11.1)
		more:     func(line string) bool { return strings.HasPrefix(line, "* ") },
		startTLS: []exchange{{"a STARTTLS", "a OK"}}, // RFC 9051 §6.2.1
		hosts:    []string{"imap.", "mail."},
		ports:    []portSecurity{{993, upstream.TLS}, {143, upstream.STARTTLS}},
	}
	pop3Protocol = &protocol{
		name:     "pop3",
		greeting: "+OK",
		more:     func(string) bool { return false },
		startTLS: []exchange{{"STLS", "+OK"}}, // RFC 2595 §4
		hosts:    []string{"pop.", "pop3.", "mail."},
		ports:    []portSecurity{{995, upstream.TLS}, {110, upstream.STARTTLS}},
	}
	smtpProtocol = &protocol{
		name:     "smtp",
		greeting: "220",
		more:     func(line string) bool { return len(line) > 3 && line[3] == '-' },
		startTLS: []exchange{{"EHLO [127.0.0.1]", "250"}, {"STARTTLS", "220"}}, // RFC 3207 §4
		hosts:    []string{"smtp.", "mail."},
		ports:    []portSecurity{{465, upstream.TLS}, {587, upstream.STARTTLS}},
	}
)

const (
	maxLine  = 4096
	maxLines = 100
)

// probe connects to a server, encrypts, and hears it greet; then it knows that
// the server has the name it was looked for under, and speaks the protocol.
func (p *protocol) probe(ctx context.Context, d Dialer, s upstream.Server) error {
	conn, err := d.Dial(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()

	r := bufio.NewReaderSize(conn, maxLine)
	// The greeting is one line, but for SMTP's (RFC 5321 §4.3.1).
	if err := p.expect(r, p.greeting, p == smtpProtocol); err != nil {
		return protocolError(s, err)
	}
	if s.Security != upstream.STARTTLS {
		return nil
	}
	for _, e := range p.startTLS {
		if _, err := io.WriteString(conn, e.send+"\r\n"); err != nil {
			return protocolError(s, err)
		}
		if err := p.expect(r, e.want, true); err != nil {
			return protocolError(s, err)
		}
	}
	if r.Buffered() > 0 { // slipped in before TLS
		return protocolError(s, errors.New("the server spoke before it was asked"))
	}
	secure, err := d.StartTLS(ctx, conn, s)
	if err != nil {
		return err
	}
	return secure.Close()
}

// expect reads a reply whose last line must begin with want.
func (p *protocol) expect(r *bufio.Reader, want string, several bool) error {
	for range maxLines {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if several && p.more(string(line)) {
			continue
		}
		if !strings.HasPrefix(string(line), want) {
			return fmt.Errorf("the server said %.80q, not %s", line, want)
		}
		return nil
	}
	return errors.New("the server's reply does not end")
}

func protocolError(s upstream.Server, err error) error {
	kind := upstream.KindProtocol
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) {
		kind = upstream.KindLost
	}
	return &upstream.Error{Kind: kind, Server: s.Addr(), Step: "asking what it is", Err: err}
}
