package dialer

import (
	"net"
	"time"
)

// chunk is how much a Patient writes under one deadline, in octets.
const chunk = 32 << 10

// Patient is a connection whose every read and write has a deadline of its own: what
// counts is silence, not how long the whole takes.
type Patient struct {
	net.Conn
	Silence time.Duration
}

func (p Patient) Read(b []byte) (int, error) {
	_ = p.SetReadDeadline(time.Now().Add(p.Silence))
	return p.Conn.Read(b)
}

func (p Patient) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		_ = p.SetWriteDeadline(time.Now().Add(p.Silence))
		n, err := p.Conn.Write(b[:min(len(b), chunk)])
		written += n
		if err != nil {
			return written, err
		}
		b = b[n:]
	}
	return written, nil
}

// HangUp closes the connection at once. Closing TLS may wait for the other side; what
// is below it does not.
func (p Patient) HangUp() {
	if secure, ok := p.Conn.(interface{ NetConn() net.Conn }); ok {
		_ = secure.NetConn().Close()
		return
	}
	_ = p.Close()
}
