// Package dialer is the only place of the bridge that opens connections: to mail
// servers, for the protocol rooms beside it, and to the web, for discover.
//
// A bridge connects to whatever server a person types in, so it could be used to
// knock on doors inside the household's own network. That is what this room is
// for: it resolves the name, checks every address against the policy (policy.go),
// connects to a checked address and to nothing else, and starts again from the
// name at each reconnect, so that a name which changes its mind is checked anew.
// Only host and port pairs that the administrator lists go around the policy.
//
// TLS is 1.2 or newer and the server's name is always verified. There is no way
// to continue after a bad certificate.
package dialer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// defaultTimeout is the patience with a server that is silent while it is being
// connected to, and again while it shakes hands.
const defaultTimeout = 10 * time.Second

// Dialer opens connections. The zero value reaches public mail servers with the
// system's roots and resolver. It is safe to use from any goroutine; its fields
// must not change once it is in use.
type Dialer struct {
	Allow    *AllowList     // goes around the address policy; nil: nothing does
	Roots    *x509.CertPool // nil: the system's
	Resolver Resolver       // nil: net.DefaultResolver
	Timeout  time.Duration  // to connect, and again to shake hands; 0: 10 seconds

	// connect is replaced by tests; nil: a TCP connection.
	connect func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
}

// Resolver looks up the addresses of a name. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

var _ Resolver = (*net.Resolver)(nil)

// Dial connects to a mail server. With upstream.TLS the handshake is done and the
// server's name verified; with STARTTLS and None the connection is plain TCP.
// Errors are *upstream.Error.
func (d *Dialer) Dial(ctx context.Context, s upstream.Server) (net.Conn, error) {
	if err := s.Validate(); err != nil {
		return nil, refusal(s.Addr(), err)
	}
	conn, err := d.dial(ctx, s.Host, uint16(s.Port), mailPorts)
	if err != nil || s.Security != upstream.TLS {
		return conn, err
	}
	return d.handshake(ctx, conn, s.Host, s.Addr())
}

// StartTLS shakes hands on a connection whose server has just agreed to STARTTLS.
// What the caller has read and not used from conn must be empty by then (RFC 3207
// §6, RFC 9051 §11.1): it came without protection. After an error conn is closed.
func (d *Dialer) StartTLS(ctx context.Context, conn net.Conn, s upstream.Server) (net.Conn, error) {
	return d.handshake(ctx, conn, s.Host, s.Addr())
}

// dial resolves, checks and connects; ports are those that need no permission.
func (d *Dialer) dial(ctx context.Context, host string, port uint16, ports []uint16) (net.Conn, error) {
	server := upstream.Server{Host: host, Port: int(port)}.Addr()
	ctx, cancel := context.WithTimeout(ctx, d.timeout())
	defer cancel()

	addrs, err := d.resolve(ctx, host, server)
	if err != nil {
		return nil, err
	}
	check := func(addr netip.Addr) error { return d.check(host, addr, port, ports) }
	for _, addr := range addrs {
		if err := check(addr); err != nil {
			return nil, refusal(server, err)
		}
	}
	upstream.Reached(ctx, jmap.StepResolve, addrs[0].String())
	connect := d.connect
	if connect == nil {
		connect = connectTCP(check)
	}
	conn, err := race(ctx, connect, addrs, port)
	if err != nil {
		return nil, connectError(server, err)
	}
	upstream.Reached(ctx, jmap.StepConnect, server)
	return conn, nil
}

// resolve gives the addresses of host, which is a canonical IP literal or a DNS
// name; any other spelling never reaches a resolver.
func (d *Dialer) resolve(ctx context.Context, host, server string) ([]netip.Addr, error) {
	if addr, ok := parseLiteral(host); ok {
		return []netip.Addr{addr}, nil
	}
	if !isName(host) {
		return nil, refusal(server, errors.New("neither a DNS name nor an IP address in its usual form"))
	}
	var resolver Resolver = net.DefaultResolver
	if d.Resolver != nil {
		resolver = d.Resolver
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, resolveError(server, err)
	}
	if len(addrs) == 0 {
		return nil, resolveError(server, errors.New("no address"))
	}
	for i, addr := range addrs {
		// The resolver may spell an IPv4 address as ::ffff:a.b.c.d.
		addrs[i] = addr.Unmap()
	}
	return addrs, nil
}

func (d *Dialer) handshake(ctx context.Context, conn net.Conn, host, server string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout())
	defer cancel()
	secure := tls.Client(conn, d.tlsConfig(host))
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, handshakeError(server, err)
	}
	upstream.Reached(ctx, jmap.StepEncrypt, tls.VersionName(secure.ConnectionState().Version))
	return secure, nil
}

func (d *Dialer) tlsConfig(host string) *tls.Config {
	return &tls.Config{
		ServerName: host,
		RootCAs:    d.Roots,
		MinVersion: tls.VersionTLS12, // RFC 8314 §4.1, RFC 8996
	}
}

func (d *Dialer) timeout() time.Duration {
	if d.Timeout > 0 {
		return d.Timeout
	}
	return defaultTimeout
}
