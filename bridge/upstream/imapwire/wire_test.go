package imapwire

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// script is a server that says what a test tells it to, whatever it hears.
type script struct {
	t      testing.TB
	client *Conn
	told   []Told

	mu    sync.Mutex
	heard strings.Builder // guarded by mu
}

// plays gives a connection to a server that greets, and then answers each command by the
// first answer whose beginning fits it; TAG stands for the tag.
func plays(t testing.TB, caps string, answers ...[2]string) *script {
	s := &script{t: t}
	near, far := net.Pipe()
	var done sync.WaitGroup
	done.Go(func() { s.serve(far, caps, answers) })
	s.client = New(near, Options{Silence: 5 * time.Second, Budget: 64 << 20, Told: func(x Told) { s.told = append(s.told, x) }})
	t.Cleanup(func() {
		s.client.Close()
		_ = far.Close()
		done.Wait()
	})
	if _, err := s.client.Greeting(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *script) serve(far net.Conn, caps string, answers [][2]string) {
	in := bufio.NewReader(far)
	if _, err := io.WriteString(far, "* OK [CAPABILITY IMAP4rev1 "+caps+"] hello\r\n"); err != nil {
		return
	}
	for {
		line, err := readCommand(in, far)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.heard.WriteString(line)
		s.mu.Unlock()
		tag, command, _ := strings.Cut(line, " ")
		answer := "TAG OK done\r\n"
		for _, a := range answers {
			if strings.HasPrefix(command, a[0]) {
				answer = a[1]
				break
			}
		}
		if _, err := io.WriteString(far, strings.ReplaceAll(answer, "TAG", tag)); err != nil {
			return
		}
	}
}

// readCommand reads one command as a server must, literals included, and asks for those that
// want asking.
func readCommand(in *bufio.Reader, out io.Writer) (string, error) {
	var all strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		all.WriteString(line)
		n, plus, ok := literalAtEnd(line)
		if !ok {
			return all.String(), nil
		}
		if !plus {
			if _, err := io.WriteString(out, "+ go on\r\n"); err != nil {
				return "", err
			}
		}
		if _, err := io.CopyN(&all, in, n); err != nil {
			return "", err
		}
	}
}

// literalAtEnd reads a literal's size at a line's end, outside quotes.
func literalAtEnd(line string) (n int64, plus, ok bool) {
	line = strings.TrimSuffix(line, "\r\n")
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == '{':
			size, closed := strings.CutSuffix(line[i+1:], "}")
			size, plus = strings.CutSuffix(size, "+")
			if n = 0; !closed || size == "" {
				return 0, false, false
			}
			for _, d := range []byte(size) {
				if d < '0' || d > '9' {
					return 0, false, false
				}
				n = n*10 + int64(d-'0')
			}
			return n, plus, true
		}
	}
	return 0, false, false
}

func (s *script) commands() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String()
}

// reading is a connection that hears what a test says.
func reading(said string) *Conn {
	c := New(nowhere{}, Options{Silence: time.Minute, Budget: 256 << 20})
	c.stream.in = strings.NewReader(said)
	return c
}

// nowhere is a connection on which nothing moves.
type nowhere struct{ net.Conn }

func (nowhere) Close() error                       { return nil }
func (nowhere) SetReadDeadline(_ time.Time) error  { return nil }
func (nowhere) SetWriteDeadline(_ time.Time) error { return nil }
func (nowhere) Write(p []byte) (int, error)        { return len(p), nil }

func pipe(t testing.TB) (near, far net.Conn) {
	near, far = net.Pipe()
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
	})
	return near, far
}
