package discover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
)

// internet is a small one: servers by host:port, each a script of what it says, files by
// URL, and SRV records by service. A server that is not there does not answer.
type internet struct {
	servers map[string]string
	files   map[string]string
	records map[string][]*net.SRV
}

const (
	imapHello = "* OK IMAP4rev1 ready\r\n"
	popHello  = "+OK ready\r\n"
	smtpHello = "220 mx.example.org ESMTP\r\n"
)

func (n *internet) Dial(ctx context.Context, s upstream.Server) (net.Conn, error) {
	says, ok := n.servers[s.Addr()]
	if !ok || says == "silence" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if says == "refuses" {
		return nil, &upstream.Error{Kind: upstream.KindConnect, Server: s.Addr(), Step: "connecting"}
	}
	here, there := net.Pipe()
	go func() {
		defer there.Close()
		for i, line := range strings.SplitAfter(says, "|") {
			if i > 0 { // after a bar it waits for a line
				if _, err := there.Read(make([]byte, 512)); err != nil {
					return
				}
			}
			if _, err := io.WriteString(there, strings.TrimSuffix(line, "|")); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, there)
	}()
	return here, nil
}

func (n *internet) StartTLS(_ context.Context, conn net.Conn, s upstream.Server) (net.Conn, error) {
	if strings.HasPrefix(s.Host, "untrusted") {
		return nil, errors.Join(&upstream.Error{Kind: upstream.KindCertificate, Server: s.Addr(), Step: "starting encryption"}, conn.Close())
	}
	return conn, nil
}

func (n *internet) HTTPClient() *http.Client { return &http.Client{Transport: n} }

func (n *internet) RoundTrip(r *http.Request) (*http.Response, error) {
	text, ok := n.files[r.URL.Scheme+"://"+r.URL.Host+r.URL.Path]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
	}
	return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func (n *internet) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	records, ok := n.records[fmt.Sprintf("_%s._%s.%s", service, proto, name)]
	if !ok {
		return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return name, records, nil
}

const autoconfig = `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.org">
<incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username></incomingServer>
<incomingServer type="imap"><hostname>plain.example.org</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>tokens.example.org</hostname><port>993</port><socketType>SSL</socketType><authentication>OAuth2</authentication></incomingServer>
<incomingServer type="imap"><hostname>IMAP.%EMAILDOMAIN%</hostname><port> 993 </port><socketType>SSL</socketType><username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port><socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username></outgoingServer>
</emailProvider></clientConfig>`

const startTLS = smtpHello + "|250-mx\r\n250 STARTTLS\r\n|220 go ahead\r\n"

// TestFind: what is found where. A case says "imap host:port security user | smtp … |
// source".
func TestFind(t *testing.T) {
	target := func(host string, port uint16) []*net.SRV { return []*net.SRV{{Target: host, Port: port}} }
	for _, c := range []struct {
		name    string
		address string
		net     internet
		found   string
	}{
		{"nothing", "ada@example.org", internet{}, "no mail servers found for example.org"},
		{"not an address", "ada", internet{}, "no mail servers found for ada"},
		{"line end", "ada@exam\r\nple.org", internet{}, "no mail servers found for exam\r\nple.org"},
		{"the administrator's word", "ada@house.test", internet{}, "imap mail.house.test:993 tls ada | smtp mail.house.test:587 starttls ada | provider"},
		{"in any case", "Ada@HOUSE.test", internet{}, "imap mail.house.test:993 tls Ada | smtp mail.house.test:587 starttls Ada | provider"},
		{"in another script", "ada@häuser.test", internet{}, "imap mail.house.test:993 tls ada | smtp mail.house.test:587 starttls ada | provider"},
		{"well-known names", "ada@example.org", internet{servers: map[string]string{
			"imap.example.org:993": imapHello, "mail.example.org:993": imapHello, "smtp.example.org:465": smtpHello,
		}}, "imap imap.example.org:993 tls ada@example.org | smtp smtp.example.org:465 tls ada@example.org | wellknown"},
		{"STARTTLS where there is nothing else", "ada@example.org", internet{servers: map[string]string{
			"mail.example.org:143": imapHello + "|* still\r\na OK go\r\n", "mail.example.org:587": startTLS,
		}}, "imap mail.example.org:143 starttls ada@example.org | smtp mail.example.org:587 starttls ada@example.org | wellknown"},
		{"no STARTTLS", "ada@example.org", internet{servers: map[string]string{"mail.example.org:143": imapHello + "|a BAD what\r\n"}}, "no mail servers found for example.org"},
		{"signed in before TLS", "ada@example.org", internet{servers: map[string]string{"mail.example.org:993": "* PREAUTH hello\r\n"}}, "no mail servers found for example.org"},
		{"words slipped in before TLS", "ada@example.org", internet{servers: map[string]string{"mail.example.org:143": imapHello + "|a OK go\r\n* 1 EXISTS\r\n"}}, "no mail servers found for example.org"},
		{"not a mail server", "ada@example.org", internet{servers: map[string]string{"mail.example.org:993": "HTTP/1.1 400 Bad Request\r\n\r\n"}}, "no mail servers found for example.org"},
		{"talks without end", "ada@example.org", internet{servers: map[string]string{"smtp.example.org:465": strings.Repeat("220-x\r\n", 5000), "imap.example.org:993": imapHello}}, "imap imap.example.org:993 tls ada@example.org | smtp none | wellknown"},
		{"one endless line", "ada@example.org", internet{servers: map[string]string{"imap.example.org:993": strings.Repeat("x", 100_000)}}, "no mail servers found for example.org"},
		{"POP3 only", "ada@example.org", internet{servers: map[string]string{"pop.example.org:995": popHello, "smtp.example.org:465": smtpHello}}, "pop3 pop.example.org:995 tls ada@example.org | smtp smtp.example.org:465 tls ada@example.org | wellknown"},
		{"SRV", "ada@example.org", internet{
			servers: map[string]string{"mx1.host.test:1993": imapHello, "imap.example.org:993": imapHello, "mx2.host.test:1465": smtpHello},
			records: map[string][]*net.SRV{"_imaps._tcp.example.org.": target("MX1.host.test.", 1993), "_submissions._tcp.example.org.": target("mx2.host.test.", 1465)},
		}, "imap mx1.host.test:1993 tls ada@example.org | smtp mx2.host.test:1465 tls ada@example.org | srv"},
		{"SRV: by priority", "ada@example.org", internet{
			servers: map[string]string{"first.host.test:993": "refuses", "second.host.test:993": imapHello, "third.host.test:993": imapHello},
			records: map[string][]*net.SRV{"_imaps._tcp.example.org.": {{Target: "first.host.test.", Port: 993}, {Target: "second.host.test.", Port: 993}, {Target: "third.host.test.", Port: 993}}},
		}, "imap second.host.test:993 tls ada@example.org | smtp none | srv"},
		{"SRV: no such service (RFC 6186 §3.4)", "ada@example.org", internet{
			servers: map[string]string{"imap.example.org:993": imapHello, "pop.example.org:995": popHello},
			records: map[string][]*net.SRV{"_imaps._tcp.example.org.": target(".", 0), "_imap._tcp.example.org.": target(".", 0)},
		}, "imap imap.example.org:993 tls ada@example.org | smtp none | wellknown"},
		{"SRV names a server that cannot prove its name", "ada@example.org", internet{
			servers: map[string]string{"untrusted.evil.test:143": imapHello + "|a OK go\r\n"},
			records: map[string][]*net.SRV{"_imap._tcp.example.org.": target("untrusted.evil.test.", 143)},
		}, "no mail servers found for example.org"},
		{"autoconfig comes before the rest, and knows the user name", "ada@example.org", internet{
			servers: map[string]string{"imap.example.org:993": imapHello, "mail.example.org:993": imapHello, "smtp.example.org:587": startTLS, "plain.example.org:143": imapHello, "tokens.example.org:993": imapHello},
			files:   map[string]string{"https://autoconfig.example.org/mail/config-v1.1.xml": autoconfig},
		}, "imap imap.example.org:993 tls ada | smtp smtp.example.org:587 starttls ada | autoconfig"},
		{"autoconfig on the domain itself", "ada@example.org", internet{
			servers: map[string]string{"imap.example.org:993": imapHello, "smtp.example.org:587": startTLS},
			files:   map[string]string{"https://example.org/.well-known/autoconfig/mail/config-v1.1.xml": autoconfig},
		}, "imap imap.example.org:993 tls ada | smtp smtp.example.org:587 starttls ada | autoconfig"},
		{"autoconfig by http is not asked", "ada@example.org", internet{
			servers: map[string]string{"imap.example.org:993": imapHello},
			files:   map[string]string{"http://autoconfig.example.org/mail/config-v1.1.xml": autoconfig},
		}, "imap imap.example.org:993 tls ada@example.org | smtp none | wellknown"},
		{"autoconfig that is none", "ada@example.org", internet{
			servers: map[string]string{"imap.example.org:993": imapHello},
			files:   map[string]string{"https://autoconfig.example.org/mail/config-v1.1.xml": "<html>404</html>"},
		}, "imap imap.example.org:993 tls ada@example.org | smtp none | wellknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				house := &upstream.Server{Host: "mail.house.test", Port: 993, Security: upstream.TLS}
				post := &upstream.Server{Host: "mail.house.test", Port: 587, Security: upstream.STARTTLS}
				f := &Finder{Dialer: &c.net, Resolver: &c.net, Providers: []Provider{{Domains: []string{"House.test", "xn--huser-gra.test"}, UserForm: UserLocalpart, IMAP: house, SMTP: post}}}
				began := time.Now()
				r, err := f.Find(t.Context(), c.address)
				if took := time.Since(began); took > limit {
					t.Errorf("it took %v", took)
				}
				if got := describe(r, err); got != c.found {
					t.Errorf("found %s (%v)\nwant  %s", got, errors.Unwrap(err), c.found)
				}
			})
		})
	}
}

func describe(r *Result, err error) string {
	var none *NotFound
	if errors.As(err, &none) {
		return none.Error()
	}
	if err != nil {
		return err.Error()
	}
	one := func(name string, s *upstream.Server) string {
		if s == nil {
			return name + " none"
		}
		return fmt.Sprintf("%s %s %s %s", name, s.Addr(), s.Security, s.User)
	}
	read := one("imap", r.IMAP)
	if r.IMAP == nil {
		read = one("pop3", r.POP3)
	}
	return read + " | " + one("smtp", r.SMTP) + " | " + r.Source
}

// TestPatience: a better source is waited for a while, and no longer.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &internet{servers: map[string]string{"mail.example.org:993": imapHello, "smtp.example.org:465": smtpHello}}
		began := time.Now()
		r, err := (&Finder{Dialer: n, Resolver: n}).Find(t.Context(), "ada@example.org")
		if took := time.Since(began); err != nil || r.IMAP.Host != "mail.example.org" || took != share {
			t.Errorf("%v, %v after %v", r, err, took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := (&Finder{Dialer: &internet{}, Resolver: &internet{}}).Find(ctx, "ada@example.org"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("broken off: %v", err)
		}
	})
}

// TestInside: what the DNS and autoconfig say does not lead to the bridge's own network.
func TestInside(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			t.Error("somebody came in")
			_ = c.Close()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	n := &internet{records: map[string][]*net.SRV{}}
	for _, service := range []string{"imaps", "imap", "pop3s", "pop3", "submissions", "submission"} {
		n.records["_"+service+"._tcp.hearthmail.invalid."] = []*net.SRV{{Target: "127.0.0.1", Port: uint16(port)}, {Target: "localhost.", Port: uint16(port)}}
	}
	_, err = (&Finder{Dialer: &dialer.Dialer{}, Resolver: n}).Find(t.Context(), "ada@hearthmail.invalid")
	var none *NotFound
	if !errors.As(err, &none) {
		t.Errorf("found: %v", err)
	}
}

// FuzzClientConfig: a file by a stranger gives servers that can be used, or none.
func FuzzClientConfig(f *testing.F) {
	f.Add(autoconfig)
	f.Add(`<clientConfig><emailProvider><incomingServer type="imap"><hostname>%EMAILLOCALPART%.x</hostname><port>1</port><socketType>TLS</socketType><username>a&#13;b</username></incomingServer></emailProvider></clientConfig>`)
	f.Add(`<!DOCTYPE x [<!ENTITY a "aaaa">]><clientConfig>&a;</clientConfig>`)
	f.Fuzz(func(t *testing.T, text string) {
		config, err := parseClientConfig(strings.NewReader(text))
		if err != nil {
			return
		}
		s := &search{local: "ada", domain: "example.org", address: "ada@example.org"}
		for _, p := range []*protocol{imapProtocol, pop3Protocol, smtpProtocol} {
			found := config.servers(p, s)
			if len(found) > maxServers {
				t.Errorf("%d servers", len(found))
			}
			for _, f := range found {
				if err := f.server.Validate(); err != nil || f.server.Security == upstream.None || strings.ContainsAny(f.server.User, "\r\n\x00") {
					t.Errorf("%+v: %v", f.server, err)
				}
			}
		}
	})
}
