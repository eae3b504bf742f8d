package household

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	perMinute = 10 // failed attempts
	perDay    = 50
	// maxTracked bounds memory: past it the oldest are forgotten.
	maxTracked = 100_000
)

// Limiter slows down guessing of passwords: per address and per whoever
// guesses. Only failures count.
type Limiter struct {
	now func() time.Time

	mu       sync.Mutex
	failures map[string][]time.Time // latest last; guarded by mu
}

// NewLimiter makes a limiter that knows of no failures.
func NewLimiter() *Limiter {
	return &Limiter{now: time.Now, failures: map[string][]time.Time{}}
}

// Guesser is who makes attempts.
type Guesser string

// FromNetwork is whoever is at an address, or for IPv6 in the /64 it lies in.
func FromNetwork(client netip.Addr) Guesser {
	client = client.Unmap().WithZone("")
	bits := 32
	if client.Is6() {
		bits = 64
	}
	network, err := client.Prefix(bits)
	if err != nil {
		network = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	return Guesser("network " + network.String())
}

// FromMember is a member who is signed in, by their own account.
func FromMember(own jmap.Id) Guesser { return Guesser("member " + own) }

// Wait says how long an attempt must wait; 0: it may be made now.
func (l *Limiter) Wait(address string, by Guesser) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	wait := time.Duration(0)
	for _, key := range keys(address, by) {
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
func (l *Limiter) Failed(address string, by Guesser) {
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
	for _, key := range keys(address, by) {
		times := append(l.failures[key], now)
		if len(times) > perDay {
			times = times[len(times)-perDay:]
		}
		l.failures[key] = times
	}
}

// keys is what an attempt is counted under: the address, and who makes it.
func keys(address string, by Guesser) []string {
	return []string{"address " + lower(address), string(by)}
}
