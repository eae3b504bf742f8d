package dialer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// The steps of Error.Step.
const (
	stepResolve   = "looking up the server's address"
	stepConnect   = "connecting"
	stepHandshake = "encrypting the connection"
)

// refusal is the one answer to everything the policy forbids: what exists inside
// must not be read from the differences. The reason is for the log.
func refusal(server string, reason error) error {
	return &upstream.Error{
		Kind: upstream.KindPolicy, Server: server, Step: stepConnect, Err: reason,
		Text: "this server may not be connected to",
	}
}

func resolveError(server string, err error) error {
	e := &upstream.Error{Kind: upstream.KindResolve, Server: server, Step: stepResolve, Err: err}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Text = "there is no server of this name"
	case isTimeout(err):
		e.Kind = upstream.KindTimeout
	}
	return e
}

func connectError(server string, err error) error {
	e := &upstream.Error{Kind: upstream.KindConnect, Server: server, Step: stepConnect, Err: err}
	if isTimeout(err) {
		e.Kind = upstream.KindTimeout
	}
	return e
}

// handshakeError says in plain words what was wrong with the server's TLS.
func handshakeError(server string, err error) error {
	e := &upstream.Error{Kind: upstream.KindTLS, Server: server, Step: stepHandshake, Err: err}
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate):
		e.Kind = upstream.KindCertificate
		e.Text = certificateText(certificate)
	case errors.As(err, &record):
		e.Text = "the server does not speak TLS on this port"
	case isTimeout(err):
		e.Kind = upstream.KindTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		e.Kind, e.Text = upstream.KindLost, "the server hung up"
	case errors.Is(err, context.Canceled):
		e.Kind = upstream.KindLost
	case strings.Contains(err.Error(), "protocol version"): // crypto/tls has no type for either side's
		e.Text = "the server knows no TLS newer than 1.1"
	}
	return e
}

func certificateText(err *tls.CertificateVerificationError) string {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		issuer  x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err.Err, &name):
		return "certificate is for " + certificateNames(name.Certificate)
	case errors.As(err.Err, &invalid) && invalid.Reason == x509.Expired:
		if notBefore := invalid.Cert.NotBefore; time.Now().Before(notBefore) {
			return "certificate is valid only from " + day(notBefore) + " on; is the clock right?"
		}
		return "certificate expired on " + day(invalid.Cert.NotAfter)
	case errors.As(err.Err, &issuer):
		return "certificate is from an unknown issuer"
	}
	return "certificate is not valid"
}

// certificateNames lists whom a certificate is for. A stranger wrote it, so only
// what looks like names and addresses is shown, and not too much.
func certificateNames(cert *x509.Certificate) string {
	const most = 3
	var names []string
	for _, name := range cert.DNSNames {
		if isName(strings.TrimPrefix(name, "*.")) {
			names = append(names, name)
		}
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "another server"
	}
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}
