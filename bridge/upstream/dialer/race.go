package dialer

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"
)

const (
	// RFC 8305 §5: how long an address may keep the next one waiting.
	attemptDelay = 250 * time.Millisecond
	// A name with hundreds of addresses must not make the bridge knock on each.
	maxAttempts = 8
)

type connectFunc func(ctx context.Context, to netip.AddrPort) (net.Conn, error)

// connectTCP connects to one address, and checks once more, on the socket itself,
// that it is one which may be connected to.
func connectTCP(check func(netip.Addr) error) connectFunc {
	dialer := net.Dialer{
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return check(to.Addr())
		},
	}
	return func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", to.String())
	}
}

// race connects to the first of addrs that answers ("happy eyeballs", RFC 8305):
// IPv6 and IPv4 take turns, the next starts when the last one failed or has been
// silent for attemptDelay. The error is that of the first address.
func race(ctx context.Context, connect connectFunc, addrs []netip.Addr, port uint16) (net.Conn, error) {
	addrs = interleave(addrs)
	addrs = addrs[:min(len(addrs), maxAttempts)]

	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the attempts that lost

	type result struct {
		conn net.Conn
		err  error
		i    int
	}
	results := make(chan result)
	next := time.NewTimer(0)
	defer next.Stop()
	var firstErr error
	for started, running := 0, 0; ; {
		select {
		case <-next.C:
			i := started
			started, running = started+1, running+1
			go func() {
				conn, err := connect(ctx, netip.AddrPortFrom(addrs[i], port))
				select {
				case results <- result{conn, err, i}:
				case <-ctx.Done():
					if conn != nil {
						_ = conn.Close() // too late
					}
				}
			}()
			if started < len(addrs) {
				next.Reset(attemptDelay)
			}
		case r := <-results:
			if r.err == nil {
				return r.conn, nil
			}
			running--
			if firstErr == nil || r.i == 0 {
				firstErr = r.err
			}
			if started < len(addrs) {
				next.Reset(0)
			} else if running == 0 {
				return nil, firstErr
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// interleave lets the families take turns, beginning with that of the first
// address, which the resolver thinks best (RFC 8305 §4, RFC 6724).
func interleave(addrs []netip.Addr) []netip.Addr {
	var first, second []netip.Addr
	for _, addr := range addrs {
		if addr.Is4() == addrs[0].Is4() {
			first = append(first, addr)
		} else {
			second = append(second, addr)
		}
	}
	turns := make([]netip.Addr, 0, len(addrs))
	for i := range max(len(first), len(second)) {
		if i < len(first) {
			turns = append(turns, first[i])
		}
		if i < len(second) {
			turns = append(turns, second[i])
		}
	}
	return turns
}
