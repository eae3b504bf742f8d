package imapstore

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// maxLoan is the most octets a server may send during one loan of a connection:
// what it can make us hold.
const maxLoan = 256 << 20

var errTooMuch = errors.New("the server sent more than was asked for")

// link is a connection whose deadlines count silence, not time: while it is lent,
// every octet that moves gives the server another span. The library's own
// deadlines, which end a slow download, are not passed on.
type link struct {
	net.Conn
	silence time.Duration
	lent    atomic.Bool
	budget  atomic.Int64
	guard   guard                 // used by the one goroutine that reads
	broke   atomic.Pointer[error] // why reading ended
}

func newLink(c net.Conn, silence time.Duration) *link {
	l := &link{Conn: c, silence: silence}
	l.busy(true)
	return l
}

// busy says whether somebody waits for the server.
func (l *link) busy(lent bool) {
	l.lent.Store(lent)
	l.budget.Store(maxLoan)
	if lent {
		_ = l.Conn.SetDeadline(time.Now().Add(l.silence)) // a closed connection fails where it is used
		return
	}
	_ = l.Conn.SetDeadline(time.Time{})
}

func (l *link) Read(p []byte) (int, error) {
	if err := l.cause(); err != nil {
		return 0, err // for good: the library asks again after an error
	}
	n, err := l.Conn.Read(p)
	if l.budget.Add(-int64(n)) < 0 {
		n, err = 0, errTooMuch
	} else if wrong := l.guard.look(p[:n]); wrong != nil {
		n, err = 0, wrong
	}
	if err != nil {
		l.broke.CompareAndSwap(nil, &err)
	} else if l.lent.Load() {
		_ = l.Conn.SetDeadline(time.Now().Add(l.silence))
	}
	return n, err
}

// cause is why nothing more can be read; nil when it can. The library keeps the
// words of an error, but not the error.
func (l *link) cause() error {
	if err := l.broke.Load(); err != nil {
		return *err
	}
	return nil
}

func (l *link) Write(p []byte) (int, error) {
	total := 0
	for len(p) > 0 {
		n, err := l.Conn.Write(p[:min(len(p), 32<<10)])
		total += n
		if err != nil {
			return total, err
		}
		p = p[n:]
		if l.lent.Load() {
			_ = l.Conn.SetDeadline(time.Now().Add(l.silence))
		}
	}
	return total, nil
}

// SetDeadline and its kin are the library's; ours are set above.
func (l *link) SetDeadline(time.Time) error      { return nil }
func (l *link) SetReadDeadline(time.Time) error  { return nil }
func (l *link) SetWriteDeadline(time.Time) error { return nil }
