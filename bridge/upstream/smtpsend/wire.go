package smtpsend

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

const (
	// RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets.
	maxReplyLine = 4096
	// A reply of more than this is no reply.
	maxReply = 64 << 10
)

var (
	errUnasked   = errors.New("the server spoke before it was asked")
	errLongLine  = errors.New("the server's line is too long")
	errNoReply   = errors.New("what the server says is no reply")
	errLongReply = errors.New("the server's reply is too long")
)

// wire is the connection below go-smtp's client. It hands the client one line at
// a time and remembers them, because the client forgets what a good reply said;
// it insists that each reply answers a command; and it keeps the deadlines: each
// write waits for as long as patience says, and so does the reply after it.
type wire struct {
	net.Conn
	patience time.Duration

	r        *bufio.Reader
	rest     []byte // of a line the client has not read to its end
	lines    []string
	size     int   // of lines, in octets
	hello    bool  // what comes next is the reply to EHLO
	writeErr error // of the last write
}

func newWire(conn net.Conn, greeting string, patience time.Duration) *wire {
	w := &wire{Conn: conn, patience: patience}
	w.r = bufio.NewReaderSize(io.MultiReader(strings.NewReader(greeting), conn), maxReplyLine)
	_ = conn.SetDeadline(time.Now().Add(patience))
	return w
}

// unread reports whether the server has said more than was read.
func (w *wire) unread() bool { return w.r.Buffered() > 0 || len(w.rest) > 0 }

func (w *wire) Write(p []byte) (int, error) {
	if w.unread() {
		w.writeErr = errUnasked
		return 0, errUnasked
	}
	w.lines, w.size = nil, 0
	w.hello = bytes.HasPrefix(p, []byte("EHLO "))
	_ = w.SetDeadline(time.Time{})
	n, err := w.Conn.Write(p)
	w.writeErr = err
	return n, err
}

// SetDeadline renews the wire's own deadline, whatever the client asks for: it
// sets none while it writes a message, and takes them away after each reply.
func (w *wire) SetDeadline(time.Time) error {
	return w.Conn.SetDeadline(time.Now().Add(w.patience))
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.rest) == 0 {
		line, err := w.readLine()
		if err != nil {
			return 0, err
		}
		if w.hello {
			upperKeyword(line)
		}
		w.rest = line
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

func (w *wire) readLine() ([]byte, error) {
	line, err := w.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, errLongLine
	}
	if err != nil {
		return nil, err
	}
	if w.size += len(line); w.size > maxReply {
		return nil, errLongReply
	}
	w.lines = append(w.lines, strings.TrimRight(string(line), "\r\n"))
	return line, nil
}

// command sends one command and reads its reply, beside the client.
func (w *wire) command(line string) (upstream.Reply, error) {
	if err := w.say(line); err != nil {
		return upstream.Reply{}, err
	}
	return w.hear()
}

// say sends commands; each has a reply to be heard.
func (w *wire) say(lines ...string) error {
	_, err := io.WriteString(w, strings.Join(lines, "\r\n")+"\r\n")
	return err
}

// hear reads one reply.
func (w *wire) hear() (upstream.Reply, error) {
	w.lines, w.size = nil, 0
	_ = w.SetDeadline(time.Time{})
	for {
		line, err := w.readLine()
		if err != nil {
			return upstream.Reply{}, err
		}
		if len(line) < 4 || line[3] != '-' {
			break
		}
	}
	reply := w.reply()
	if reply.Code == 0 {
		return reply, errNoReply
	}
	return reply, nil
}

// reply is what the server said to the last command.
func (w *wire) reply() upstream.Reply { return parseReply(w.lines) }

// upperKeyword writes the keyword of an EHLO line in capitals, since go-smtp
// compares it so and RFC 5321 §2.4 does not, and the old "AUTH=" as "AUTH ".
func upperKeyword(line []byte) {
	if len(line) < 4 {
		return
	}
	keyword := line[4:]
	if end := bytes.IndexAny(keyword, " =\r\n"); end >= 0 {
		keyword = keyword[:end+1]
	}
	copy(keyword, bytes.ToUpper(keyword))
	if string(keyword) == "AUTH=" {
		keyword[4] = ' '
	}
}
