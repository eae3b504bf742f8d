package outbox_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// trap is a point at which a server stops to answer, the first time it is reached.
type trap struct {
	sprung chan struct{} // closed when it is reached

	mu sync.Mutex
	at string // "": nowhere; guarded by mu
}

func newTrap() *trap { return &trap{sprung: make(chan struct{})} }

func (t *trap) set(at string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at = at
}

// get is where it is.
func (t *trap) get() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at
}

// reached reports whether a server is to stop at a point.
func (t *trap) reached(point string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == "" || t.at != point {
		return false
	}
	t.at = ""
	close(t.sprung)
	return true
}

// sink is a submission server that takes everything. It stops at connection, MAIL,
// RCPT1, RCPT2, DATA, 354, body, dot or QUIT.
type sink struct {
	*trap
	release chan struct{}    // closed when the test is over
	accept  func(raw []byte) // what is done with a message that was taken; may be nil

	taking   sync.Mutex
	messages int // taken; guarded by taking
}

func (s *sink) taken() int {
	s.taking.Lock()
	defer s.taking.Unlock()
	return s.messages
}

func (s *sink) serve(conn net.Conn) {
	r := bufio.NewReader(conn)
	at := func(point string) bool {
		if !s.reached(point) {
			return false
		}
		if point == "354" || point == "body" {
			<-s.release // what is not read stays in the client's way
		}
		_, _ = io.Copy(io.Discard, r)
		return true
	}
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	if at("connection") {
		return
	}
	say("220 sink")
	for recipients := 0; ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb := strings.ToUpper(strings.TrimRight(line[:min(len(line), 4)], "\r\n"))
		point := verb
		if verb == "RCPT" {
			recipients++
			point += strconv.Itoa(recipients)
		}
		if at(point) {
			return
		}
		switch verb {
		case "EHLO":
			say("250-sink\r\n250 8BITMIME")
		case "QUIT":
			say("221 bye")
			return
		case "DATA":
			say("354 go on")
			if at("354") || !s.take(r, at) {
				return
			}
			say("250 2.0.0 taken")
		default:
			say("250 2.1.0 ok")
		}
	}
}

// take reads a message; false when the client is gone.
func (s *sink) take(r *bufio.Reader, at func(string) bool) bool {
	var raw bytes.Buffer
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return false
		}
		if string(line) == ".\r\n" {
			break
		}
		raw.Write(line)
		if raw.Len() > 10_000 && at("body") {
			return false
		}
	}
	s.taking.Lock()
	s.messages++
	s.taking.Unlock()
	if s.accept != nil {
		s.accept(raw.Bytes())
	}
	return !at("dot")
}

// proxy stands in front of a mail server. It stops at a command, "UID MOVE", or when
// the command is done, "UID MOVE done".
type proxy struct {
	*trap
	to int // port
}

func (p *proxy) serve(conn net.Conn) {
	server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.to)))
	if err != nil {
		return
	}
	defer server.Close()
	var held sync.WaitGroup
	hold := make(chan string, 1)
	held.Go(func() { p.answers(conn, server, hold) })
	defer held.Wait()
	defer server.Close()
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		if len(words) > 2 && words[1] == "UID" {
			command := words[1] + " " + words[2]
			if p.reached(command) {
				_, _ = io.Copy(io.Discard, r)
				return
			}
			if p.get() == command+" done" {
				hold <- words[0]
			}
		}
		if _, err := io.WriteString(server, line); err != nil {
			return
		}
	}
}

// answers hands on what the server says, but nothing from the answer to a command that
// is held.
func (p *proxy) answers(conn, server net.Conn, hold <-chan string) {
	held := ""
	r := bufio.NewReader(server)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			_ = conn.Close()
			return
		}
		select {
		case held = <-hold:
		default:
		}
		switch {
		case held == "":
			if _, err := io.WriteString(conn, line); err != nil {
				return
			}
		case strings.HasPrefix(line, held+" "):
			p.reached(p.get())
			_, _ = io.Copy(io.Discard, r)
			return
		}
	}
}
