package dialer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// network is one where each address answers after a while, fails, or is silent.
type network struct {
	answers map[string]time.Duration // negative: an error after that time; absent: silence

	mu    sync.Mutex
	tried []string // guarded by mu
	open  int      // guarded by mu
}

type countedConn struct {
	net.Conn
	n *network
}

func (c countedConn) Close() error {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	c.n.open--
	return nil
}

func (n *network) connect(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	n.mu.Lock()
	n.tried = append(n.tried, to.Addr().String())
	n.mu.Unlock()
	after, ok := n.answers[to.Addr().String()]
	if !ok {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	// A connection may be made in the moment the attempt is given up.
	time.Sleep(max(after, -after))
	if after < 0 {
		return nil, fmt.Errorf("%s refused", to.Addr())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open++
	return countedConn{n: n}, nil
}

func TestRace(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name    string
		addrs   []string
		answers map[string]time.Duration
		tried   []string
		took    time.Duration
		err     string
	}{
		{
			name:  "IPv6 works: IPv4 is not tried",
			addrs: []string{"2606::1", "93.0.0.1"}, answers: map[string]time.Duration{"2606::1": 200 * ms, "93.0.0.1": 0},
			tried: []string{"2606::1"}, took: 200 * ms,
		},
		{
			name:  "IPv6 is silent: IPv4 after 250 ms",
			addrs: []string{"2606::1", "2606::2", "93.0.0.1"}, answers: map[string]time.Duration{"93.0.0.1": 50 * ms},
			tried: []string{"2606::1", "93.0.0.1"}, took: 300 * ms,
		},
		{
			name:  "IPv6 fails: IPv4 at once",
			addrs: []string{"2606::1", "93.0.0.1"}, answers: map[string]time.Duration{"2606::1": -10 * ms, "93.0.0.1": 50 * ms},
			tried: []string{"2606::1", "93.0.0.1"}, took: 60 * ms,
		},
		{
			name:  "the slower one is closed",
			addrs: []string{"2606::1", "93.0.0.1"}, answers: map[string]time.Duration{"2606::1": 400 * ms, "93.0.0.1": 100 * ms},
			tried: []string{"2606::1", "93.0.0.1"}, took: 350 * ms,
		},
		{
			name:  "all fail: the first one's error",
			addrs: []string{"93.0.0.1", "93.0.0.2"}, answers: map[string]time.Duration{"93.0.0.1": -300 * ms, "93.0.0.2": -10 * ms},
			tried: []string{"93.0.0.1", "93.0.0.2"}, took: 300 * ms, err: "93.0.0.1 refused",
		},
		{
			name:  "silence everywhere",
			addrs: []string{"93.0.0.1"}, tried: []string{"93.0.0.1"}, took: 10 * time.Second, err: "context deadline exceeded",
		},
		{
			name: "a name with too many addresses",
			addrs: []string{
				"93.0.0.1", "93.0.0.2", "93.0.0.3", "93.0.0.4", "93.0.0.5", "93.0.0.6", "93.0.0.7", "93.0.0.8", "93.0.0.9", "2606::1",
			},
			tried: []string{"93.0.0.1", "2606::1", "93.0.0.2", "93.0.0.3", "93.0.0.4", "93.0.0.5", "93.0.0.6", "93.0.0.7"},
			took:  10 * time.Second, err: "context deadline exceeded",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{answers: c.answers}
				d := &Dialer{Resolver: &names{answers: map[string][]string{"mail.example.org": c.addrs}}, connect: n.connect}
				start := time.Now()
				_, err := d.Dial(t.Context(), server("mail.example.org", 993))
				if took := time.Since(start); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				time.Sleep(time.Second) // the losers end
				n.mu.Lock()
				defer n.mu.Unlock()
				if !slices.Equal(n.tried, c.tried) {
					t.Errorf("tried %v, want %v", n.tried, c.tried)
				}
				if c.err != "" {
					if err == nil || errors.Unwrap(err).Error() != c.err {
						t.Errorf("error %v, want %q", err, c.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if n.open != 1 {
					t.Errorf("%d connections are open", n.open)
				}
			})
		})
	}
}

func TestConnectErrors(t *testing.T) {
	gone := &net.DNSError{Err: "no such host", IsNotFound: true}
	for _, c := range []struct {
		err  error
		kind upstream.Kind
	}{
		{resolveError("x", gone), upstream.KindResolve},
		{resolveError("x", context.DeadlineExceeded), upstream.KindTimeout},
		{resolveError("x", errors.New("server misbehaving")), upstream.KindResolve},
		{connectError("x", errors.New("connection refused")), upstream.KindConnect},
		{connectError("x", context.DeadlineExceeded), upstream.KindTimeout},
		{connectError("x", context.Canceled), upstream.KindConnect},
	} {
		if got := upstream.KindOf(c.err); got != c.kind {
			t.Errorf("%v is %s, want %s", c.err, got, c.kind)
		}
	}
}
