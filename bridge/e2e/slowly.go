package e2e

import (
	"net"
	"strings"
	"testing"
	"time"
)

// Slowly stands between a browser and a bridge like a network far away: what is sent
// arrives half a round trip later, at so many bits a second in each direction. It gives
// the bridge's address there. Browsers can pretend this of themselves, but not of their
// WebSockets.
func Slowly(t testing.TB, url string, roundTrip time.Duration, bits int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return // the test has ended
			}
			far, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				_ = near.Close()
				continue
			}
			go carry(far, near, roundTrip/2, bits)
			go carry(near, far, roundTrip/2, bits)
		}
	}()
	return "http://" + l.Addr().String()
}

// parcel is octets on their way.
type parcel struct {
	octets []byte
	sent   time.Time
}

// carry brings what one end sends to the other until one of them closes.
func carry(to, from net.Conn, delay time.Duration, bits int) {
	way := make(chan parcel, 1<<12)
	go func() {
		defer close(way)
		for {
			octets := make([]byte, 1400) // a packet
			n, err := from.Read(octets)
			if n > 0 {
				way <- parcel{octets[:n], time.Now()}
			}
			if err != nil {
				return
			}
		}
	}()
	free := time.Time{}
	for p := range way {
		at := p.sent.Add(delay)
		if at.Before(free) {
			at = free
		}
		free = at.Add(time.Duration(len(p.octets)*8) * time.Second / time.Duration(bits))
		time.Sleep(time.Until(free))
		if _, err := to.Write(p.octets); err != nil {
			_ = from.Close()
		}
	}
	if c, ok := to.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
}
