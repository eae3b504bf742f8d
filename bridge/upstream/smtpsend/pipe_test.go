package smtpsend

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// pipeServer is a Dialer to an SMTP server in memory, without buffers between, that
// reads as strictly as an SMTP server can and says yes to everything.
type pipeServer struct {
	delay time.Duration // before each read

	wg         sync.WaitGroup
	transcript bytes.Buffer // the client's octets after DATA, until the next command
	commands   []string     // the others
	messages   int
}

func (p *pipeServer) Dial(context.Context, upstream.Server) (net.Conn, error) {
	client, server := net.Pipe()
	p.wg.Go(func() {
		defer func() { _ = server.Close() }()
		p.serve(server)
	})
	return client, nil
}

func (p *pipeServer) StartTLS(context.Context, net.Conn, upstream.Server) (net.Conn, error) {
	return nil, errors.New("no TLS in memory")
}

func (p *pipeServer) serve(conn net.Conn) {
	r := bufio.NewReaderSize(slow{conn, p.delay}, 4096)
	say := func(s string) { _, _ = io.WriteString(conn, s+"\r\n") }
	say("220 hello")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		p.commands = append(p.commands, line)
		switch {
		case strings.HasPrefix(line, "EHLO "):
			say("250-x\r\n250-8BITMIME\r\n250 SMTPUTF8")
		case line == "DATA\r\n":
			say("354 go")
			// To the first CRLF.CRLF (RFC 5321 §4.1.1.4), and no further.
			for got := p.transcript.Bytes(); !bytes.HasSuffix(got, []byte("\r\n.\r\n")) && string(got) != ".\r\n"; got = p.transcript.Bytes() {
				c, err := r.ReadByte()
				if err != nil {
					return
				}
				p.transcript.WriteByte(c)
			}
			p.messages++
			say("250 queued")
		case line == "QUIT\r\n":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

type slow struct {
	r     io.Reader
	delay time.Duration
}

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(s.delay)
	return s.r.Read(p)
}
