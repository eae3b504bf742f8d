package household

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	perMinute = 10 // failed attempts
	perDay    = 50
	// maxTracked bounds memory: past it the oldest are forgotten.
	maxTracked = 100_000
)

// Limiter slows down guessing of passwords: per address and per network of the
// client. Only failures count.
type Limiter struct {
	now func() time.Time

	mu       sync.Mutex
	failures map[string][]time.Time // latest last; guarded by mu
}

// NewLimiter makes a limiter that knows of no failures.
func NewLimiter() *Limiter {
	return &Limiter{now: time.Now, failures: map[string][]time.Time{}}
}

// Wait says how long an attempt must wait; 0: it may be made now.
func (l *Limiter) Wait(address string, client netip.Addr) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	wait := time.Duration(0)
	for _, key := range keys(address, client) {
		times := l.failures[key]
		if n := len(times); n >= perMinute {
			wait = max(wait, times[n-perMinute].Add(time.Minute).Sub(now))
		}
		if n := len(times); n >= perDay {
			wait = max(wait, times[n-perDay].Add(24*time.Hour).Sub(now))
		}
	}
	return wait
}

// Failed counts a failed attempt.
func (l *Limiter) Failed(address string, client netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.failures) > maxTracked {
		for key, times := range l.failures {
			if now.Sub(times[len(times)-1]) > time.Hour {
				delete(l.failures, key)
			}
		}
	}
	for _, key := range keys(address, client) {
		times := append(l.failures[key], now)
		if len(times) > perDay {
			times = times[len(times)-perDay:]
		}
		l.failures[key] = times
	}
}

// keys is what an attempt is counted under: the address, and the client's address,
// or for IPv6 the /64 it lies in.
func keys(address string, client netip.Addr) []string {
	client = client.Unmap().WithZone("")
	bits := 32
	if client.Is6() {
		bits = 64
	}
	network, err := client.Prefix(bits)
	if err != nil {
		network = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	return []string{"address " + strings.ToLower(strings.TrimSpace(address)), "network " + network.String()}
}
