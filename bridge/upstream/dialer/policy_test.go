package dialer

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// names is a resolver; it counts how often it was asked.
type names struct {
	answers map[string][]string
	asked   int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.asked++
	var addrs []netip.Addr
	for _, s := range n.answers[host] {
		addrs = append(addrs, netip.MustParseAddr(s))
	}
	if addrs == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, nil
}

// counter replaces the network: it counts connections instead of making them.
type counter struct{ to []netip.AddrPort }

func (c *counter) connect(_ context.Context, to netip.AddrPort) (net.Conn, error) {
	c.to = append(c.to, to)
	client, server := net.Pipe()
	_ = server.Close()
	return client, nil
}

func server(host string, port int) upstream.Server {
	return upstream.Server{Host: host, Port: port, Security: upstream.None}
}

// Nothing on this list is ever connected to, and nothing spelled oddly is given
// to a resolver, whose reading of it may differ from ours.
func TestForbidden(t *testing.T) {
	literals := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
		"127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
		"192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::a00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:93.184.215.14",
		"::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::5db8:d70e", "64:ff9b:1::7f00:1", "100::1",
		"2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
		"2002:7f00:1::1", "2002:a00:1::", "3fff::1", "4000::1", "5f00::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "feb0::1", "fec0::1", "ff02::1", "ff0e::1",
	}
	spellings := []string{
		"", " ", ".", "0", "1", "127.1", "127.0.1", "127.000.000.001", "0177.0.0.1", "0177.1", "017700000001",
		"2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0X7F000001", "0x", "127.0.0.0x1", "10.1", "192.168.257",
		"3232235521", "4294967295", "4294967296", "00.0.0.0", "127.0.0.1.", "127.0.0.1.1", "1.2.3.4.5", "256.1.1.1",
		"example.com.1", "example.0x1", "[::1]", "[::1", "::1]", "0:0:0:0:0:0:0:1", "::0001", "::FFFF:7F00:1",
		"::ffff:7f00:1", "::ffff:0x7f.1", "::127.0.0.1", "::1%25lo", "localhost.", "localhost..", ".localhost",
		"loca lhost", "local\thost", "localhost\x00", "localhost\r\n", "localhost:25", "localhost/", "localhost#", "a@localhost",
		"①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "lоcalhost", "-a.example", "a-.example", "a..example",
		"%31%32%37.0.0.1", "http://127.0.0.1", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 127) + "aa",
	}
	for _, host := range append(literals, spellings...) {
		resolver, network := &names{}, &counter{}
		d := &Dialer{Resolver: resolver, connect: network.connect}
		_, err := d.Dial(t.Context(), server(host, 993))
		if upstream.KindOf(err) != upstream.KindPolicy {
			t.Errorf("%q: %v, want a policy error", host, err)
		}
		if resolver.asked > 0 || len(network.to) > 0 {
			t.Errorf("%q: asked the resolver %d times, connected to %v", host, resolver.asked, network.to)
		}
		if _, err := d.HTTPClient().Transport.(smallBodies).next.RoundTrip(webRequest(t, host)); err == nil {
			t.Errorf("%q: fetched over https", host)
		}
		if len(network.to) > 0 {
			t.Errorf("%q: connected to %v for https", host, network.to)
		}
	}
	// The same addresses behind a name, alone and beside a public one.
	for _, literal := range literals {
		for _, answer := range [][]string{{literal}, {"93.184.215.14", literal}, {literal, "2606:2800:21f::1"}} {
			if literal == "::ffff:93.184.215.14" {
				continue // as an answer it means 93.184.215.14
			}
			network := &counter{}
			d := &Dialer{Resolver: &names{answers: map[string][]string{"mail.example.org": answer}}, connect: network.connect}
			_, err := d.Dial(t.Context(), server("mail.example.org", 993))
			if upstream.KindOf(err) != upstream.KindPolicy || len(network.to) > 0 {
				t.Errorf("name for %v: %v, connected to %v", answer, err, network.to)
			}
		}
	}
}

func TestForbiddenPorts(t *testing.T) {
	for _, port := range []int{-1, 0, 1, 22, 53, 80, 443, 994, 2526, 6379, 8080, 11211, 65535, 65536, 65536 + 993} {
		network := &counter{}
		d := &Dialer{connect: network.connect}
		_, err := d.Dial(t.Context(), server("93.184.215.14", port))
		if upstream.KindOf(err) != upstream.KindPolicy || len(network.to) > 0 {
			t.Errorf("port %d: %v, connected to %v", port, err, network.to)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, host := range []string{
		"1.1.1.1", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
		"192.167.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:2800:21f::1", "2a00:1450:4001::1", "2400::1",
		"mail.example.org", "MAIL.example.org", "xn--bcher-kva.example.org", "a_b.example.org", "0x7f.example.org", "1.example.org",
	} {
		for _, port := range []int{25, 110, 143, 465, 587, 993, 995, 2525, 4190} {
			resolver := &names{answers: map[string][]string{host: {"93.184.215.14"}}}
			network := &counter{}
			d := &Dialer{Resolver: resolver, connect: network.connect}
			conn, err := d.Dial(t.Context(), server(host, port))
			if err != nil {
				t.Errorf("%s port %d: %v", host, port, err)
				continue
			}
			_ = conn.Close()
		}
	}
}

// What the policy forbids is all one answer: it must not tell what exists inside.
func TestRefusalsLookAlike(t *testing.T) {
	resolver := &names{answers: map[string][]string{"inside.example.org": {"10.0.0.1"}}}
	d := &Dialer{Resolver: resolver, connect: (&counter{}).connect}
	for _, s := range []upstream.Server{
		server("127.0.0.1", 993), server("127.1", 993), server("inside.example.org", 993), server("1.1.1.1", 80),
	} {
		_, err := d.Dial(t.Context(), s)
		var e *upstream.Error
		if !errors.As(err, &e) {
			t.Fatalf("%v is no *upstream.Error", err)
		}
		e.Err = nil // for the log
		want := upstream.Error{
			Kind: upstream.KindPolicy, Server: s.Addr(), Step: "connecting",
			Text: "this server may not be connected to",
		}
		if *e != want {
			t.Errorf("%s: %+v", s.Addr(), *e)
		}
	}
}

// A name that is public when it is first looked up and loopback afterwards.
func TestRebinding(t *testing.T) {
	network := &counter{}
	d := &Dialer{Resolver: &rebinding{}, connect: network.connect}
	conn, err := d.Dial(t.Context(), server("evil.example.org", 993))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if _, err := d.Dial(t.Context(), server("evil.example.org", 993)); upstream.KindOf(err) != upstream.KindPolicy {
		t.Errorf("reconnecting: %v, want a policy error", err)
	}
	if len(network.to) != 1 || network.to[0] != netip.MustParseAddrPort("93.184.215.14:993") {
		t.Errorf("connected to %v", network.to)
	}
}

type rebinding struct{ asked bool }

func (r *rebinding) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.asked {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	r.asked = true
	return []netip.Addr{netip.MustParseAddr("93.184.215.14")}, nil
}

// The socket itself refuses too, should a checked address ever be exchanged.
func TestSocketChecks(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	refused := errors.New("refused")
	connect := connectTCP(func(netip.Addr) error { return refused })
	if _, err := connect(t.Context(), ln.Addr().(*net.TCPAddr).AddrPort()); !errors.Is(err, refused) {
		t.Errorf("connected to a refused address: %v", err)
	}
}
