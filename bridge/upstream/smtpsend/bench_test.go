package smtpsend

import (
	"bufio"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

var attachment = strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 25<<20/78)

// sink takes a message and forgets it.
func sink(conn net.Conn) {
	r := bufio.NewReaderSize(conn, 64<<10)
	_, _ = io.WriteString(conn, "220 hi\r\n")
	for inBody := false; ; {
		line, err := r.ReadSlice('\n')
		reply := "250 ok\r\n"
		switch {
		case err != nil:
			return
		case inBody && string(line) != ".\r\n":
			continue
		case inBody:
			inBody = false
		case string(line) == "DATA\r\n":
			inBody, reply = true, "354 go\r\n"
		case string(line) == "QUIT\r\n":
			reply = "221 bye\r\n"
		}
		_, _ = io.WriteString(conn, reply)
	}
}

// BenchmarkSend25MB is to be compared with the next.
func BenchmarkSend25MB(b *testing.B) {
	b.SetBytes(int64(len(attachment)))
	sender := New(Config{
		Server: upstream.Server{Host: "127.0.0.1", Port: dialertest.Listen(b, sink), Security: upstream.None},
		Dialer: dialertest.NewAuthority(b).Dialer(b),
	})
	for b.Loop() {
		msg := outgoing(attachment)
		msg.To = msg.To[:1]
		if _, err := sender.Send(b.Context(), msg); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNetSMTP25MB sends the same with the standard library's client.
func BenchmarkNetSMTP25MB(b *testing.B) {
	b.SetBytes(int64(len(attachment)))
	addr := upstream.Server{Host: "127.0.0.1", Port: dialertest.Listen(b, sink)}.Addr()
	for b.Loop() {
		client, err := smtp.Dial(addr)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = client.Mail("ada@example.org"), client.Rcpt("grace@example.org")
		w, err := client.Data()
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(w, strings.NewReader(attachment))
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		_ = client.Quit()
	}
}
