package smtpsend

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// Where encryption was chosen, no server, and nobody in between, gets one octet
// of the user name, the password, the envelope or the message before TLS with
// the right name is up.
func TestNothingBeforeTLS(t *testing.T) {
	a := dialertest.NewAuthority(t)
	certificate := func(cert tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{cert}} }
	good := a.Config(t, "127.0.0.1")
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	expired := certificate(a.CertificateAt(t, time.Now().Add(-48*time.Hour), "127.0.0.1"))
	early := certificate(a.CertificateAt(t, time.Now().Add(24*time.Hour), "127.0.0.1"))
	otherName := certificate(a.Certificate(t, "mail.other.example"))
	unknown := dialertest.NewAuthority(t).Config(t, "127.0.0.1")

	const hello = "S: 220 hi\nC: EHLO\n"
	const offer = hello + "S: 250-x\\r\\n250-AUTH PLAIN LOGIN\\r\\n250 STARTTLS\nC: STARTTLS\n"
	const rest = "\nC: QUIT\nS: 221 bye"
	for _, c := range []struct {
		name     string
		security upstream.Security
		script   string
		tls      *tls.Config
		want     upstream.Kind
	}{
		// STARTTLS that is not there.
		{"not offered", upstream.STARTTLS, hello + `S: 250-x\r\n250 AUTH PLAIN LOGIN`, good, upstream.KindNoSTARTTLS},
		{"nothing offered", upstream.STARTTLS, hello + "S: 250 x", good, upstream.KindNoSTARTTLS},
		{"stripped to stars", upstream.STARTTLS, hello + `S: 250-x\r\n250-AUTH PLAIN\r\n250 XXXXXXXA`, good, upstream.KindNoSTARTTLS},
		{"in the greeting only", upstream.STARTTLS, "S: 220 STARTTLS\nC: EHLO\nS: 250 STARTTLS", good, upstream.KindNoSTARTTLS},
		{"as a value", upstream.STARTTLS, hello + `S: 250-x\r\n250-AUTH STARTTLS PLAIN\r\n250 X-STARTTLS`, good, upstream.KindNoSTARTTLS},
		{"HELO only", upstream.STARTTLS, hello + "S: 500 what\nC: HELO\nS: 250 STARTTLS", good, upstream.KindNoSTARTTLS},
		{"EHLO refused", upstream.STARTTLS, hello + "S: 550 no", good, upstream.KindRefused},
		{"greeting refuses", upstream.STARTTLS, "S: 554 no STARTTLS", good, upstream.KindRefused},
		{"signed in already", upstream.STARTTLS, hello + "S: 235 2.7.0 welcome, ada", good, upstream.KindProtocol},
		// STARTTLS that is refused.
		{"454", upstream.STARTTLS, offer + "S: 454 not now" + rest, good, upstream.KindUnavailable},
		{"421", upstream.STARTTLS, offer + "S: 421 bye", good, upstream.KindUnavailable},
		{"501", upstream.STARTTLS, offer + "S: 501 no" + rest, good, upstream.KindRefused},
		{"502", upstream.STARTTLS, offer + "S: 502 no" + rest, good, upstream.KindRefused},
		{"250 is not 220", upstream.STARTTLS, offer + "S: 250 ok" + rest, good, upstream.KindProtocol},
		{"334 asks for a password", upstream.STARTTLS, offer + "S: 334 VXNlcm5hbWU6" + rest, good, upstream.KindProtocol},
		{"235 before TLS", upstream.STARTTLS, offer + "S: 235 welcome" + rest, good, upstream.KindProtocol},
		{"nonsense", upstream.STARTTLS, offer + "S: yes!" + rest, good, upstream.KindProtocol},
		// Replies slipped in before TLS.
		{"EHLO reply injected", upstream.STARTTLS, offer + `S: 220 go\r\n250-x\r\n250 AUTH PLAIN` + "\ntls", good, upstream.KindProtocol},
		{"greeting injected", upstream.STARTTLS, offer + `S: 220 go\r\n220 again` + "\ntls", good, upstream.KindProtocol},
		{"one octet injected", upstream.STARTTLS, offer + `S: 220 go\r\n2\n` + "\ntls", good, upstream.KindProtocol},
		{"offer doubled", upstream.STARTTLS, hello + `S: 250-x\r\n250 STARTTLS\r\n220 go` + "\ntls", good, upstream.KindProtocol},
		{"whole session injected", upstream.STARTTLS, `S: 220 hi\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok`, good, upstream.KindProtocol},
		// TLS that is not what it should be.
		{"plaintext after 220", upstream.STARTTLS, offer + "S: 220 go\nread\nS: 250 AUTH PLAIN", good, upstream.KindTLS},
		{"silence after 220", upstream.STARTTLS, offer + "S: 220 go\nsilence", good, upstream.KindTimeout},
		{"hang up after 220", upstream.STARTTLS, offer + "S: 220 go", good, upstream.KindLost},
		{"old TLS", upstream.STARTTLS, offer + "S: 220 go\ntls", old, upstream.KindTLS},
		{"expired", upstream.STARTTLS, offer + "S: 220 go\ntls", expired, upstream.KindCertificate},
		{"not yet valid", upstream.STARTTLS, offer + "S: 220 go\ntls", early, upstream.KindCertificate},
		{"wrong name", upstream.STARTTLS, offer + "S: 220 go\ntls", otherName, upstream.KindCertificate},
		{"unknown issuer", upstream.STARTTLS, offer + "S: 220 go\ntls", unknown, upstream.KindCertificate},
		{"implicit: plaintext", upstream.TLS, "S: 220 hi\nread\nS: 250 AUTH PLAIN", good, upstream.KindTLS},
		{"implicit: STARTTLS server", upstream.TLS, offer + "S: 220 go\ntls", good, upstream.KindTLS},
		{"implicit: silence", upstream.TLS, "silence", good, upstream.KindTimeout},
		{"implicit: old TLS", upstream.TLS, "tls", old, upstream.KindTLS},
		{"implicit: expired", upstream.TLS, "tls", expired, upstream.KindCertificate},
		{"implicit: not yet valid", upstream.TLS, "tls", early, upstream.KindCertificate},
		{"implicit: wrong name", upstream.TLS, "tls", otherName, upstream.KindCertificate},
		{"implicit: unknown issuer", upstream.TLS, "tls", unknown, upstream.KindCertificate},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := &scripted{steps: steps(c.script), tls: c.tls, lenient: true}
			sender := server.start(t, a, c.security, withPassword)
			sender.patience = quick
			_, err := sender.Send(t.Context(), outgoing(text))
			wantError(t, err, upstream.Error{Kind: c.want})
			<-server.done
			for line := range strings.Lines(server.plain.String()) {
				switch line = strings.TrimRight(line, "\r\n"); {
				case line == "EHLO [127.0.0.1]", line == "HELO [127.0.0.1]", line == "STARTTLS", line == "QUIT":
				case strings.HasPrefix(line, "\x16\x03"): // a ClientHello
					return
				default:
					t.Errorf("sent without TLS: %q", line)
				}
			}
			if len(server.body) > 0 {
				t.Errorf("sent: %q", server.body)
			}
		})
	}
}
