package smtpsend

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

var onTheWire = regexp.MustCompile(`\A([^\r\n]*\r\n)*\.\r\n\z`)

// Whatever is to be sent to whomever: either nothing is connected to, or exactly
// one message arrives, for exactly the chosen recipients, in lines that end with
// CRLF, the last of them the only single dot.
func TestOneMessage(t *testing.T) {
	address := rapid.OneOf(
		rapid.SampledFrom([]string{"ada@example.org", "grüße@bücher.example", `"a b>"@example.org`, "a+b@[192.0.2.1]", "x@[IPv6:2001:db8::1]"}),
		rapid.StringOfN(rapid.SampledFrom([]rune("ab.@\"\\<>[] \r\n\x00,;:ü")), 0, 12, -1),
		rapid.String(),
	)
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\r\n", "\r", "\n", ".", "..", "\r\n.\r\n", "\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\x00", "a", "QUIT\r\n", "MAIL FROM:<eve@example.org>\r\n"}),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "body"), "")
		msg := upstream.Outgoing{
			From: address.Draw(t, "from"), To: rapid.SliceOfN(address, 0, 4).Draw(t, "to"),
			Size: int64(len(body)), Body: strings.NewReader(body),
		}
		server := &pipeServer{}
		receipt, err := New(Config{Dialer: server}).Send(context.Background(), msg)
		server.wg.Wait()
		if err != nil {
			if kind := upstream.KindOf(err); kind != upstream.KindRefused || len(server.commands) > 0 {
				t.Fatalf("%v after %q", err, server.commands)
			}
			return
		}
		if server.messages != 1 || len(receipt.Replies) != len(msg.To) {
			t.Fatalf("%d messages, receipt %+v", server.messages, receipt)
		}
		want := []string{"EHLO [127.0.0.1]\r\n", "MAIL FROM:<" + msg.From + ">"}
		for _, to := range msg.To {
			want = append(want, "RCPT TO:<"+to+">\r\n")
		}
		want = append(want, "DATA\r\n", "QUIT\r\n")
		for i, command := range server.commands {
			if i >= len(want) || i == 1 && !strings.HasPrefix(command, want[i]) || i != 1 && command != want[i] {
				t.Fatalf("commands %q, want %q", server.commands, want)
			}
		}
		wire := server.transcript.Bytes()
		if !onTheWire.Match(wire) {
			t.Fatalf("%q on the wire", wire)
		}
		if got, want := unstuff(wire), lines(body); !slices.Equal(got, want) {
			t.Fatalf("%q arrived as %q", want, got)
		}
	})
}

// unstuff is what a server makes of the message (RFC 5321 §4.5.2).
func unstuff(wire []byte) []string {
	all := strings.Split(string(bytes.TrimSuffix(wire, []byte(".\r\n"))), "\r\n")
	for i, line := range all {
		all[i] = strings.TrimPrefix(line, ".")
	}
	return all[:len(all)-1]
}

// lines splits a message at CRLF, bare CR and bare LF.
func lines(body string) []string {
	body = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(body)
	return strings.Split(strings.TrimSuffix(body, "\n"), "\n")
}

func FuzzReply(f *testing.F) {
	f.Add("250 2.1.5 ok")
	f.Add("250-2.1.5 one\n250 2.1.5 two")
	f.Add("550-\n550")
	f.Fuzz(func(t *testing.T, s string) {
		reply := parseReply(strings.Split(s, "\n"))
		if reply.Code < 0 || reply.Code > 999 || len(reply.Text) > maxReplyText || strings.ContainsRune(reply.Enhanced, ' ') {
			t.Errorf("%q is %+v", s, reply)
		}
	})
}

// FuzzServer sends with a server that says anything at all, in any order.
func FuzzServer(f *testing.F) {
	f.Add([]byte("220 hi\r\n"), []byte("250-x\r\n250 SIZE 10000\r\n"), []byte("250 ok\r\n"), []byte("250 ok\r\n"), []byte("354 go\r\n"), []byte("250 queued\r\n"))
	f.Add([]byte("220 hi\r\n"), []byte("500 x\r\n"), []byte("250 x\r\n"), []byte("550 5.1.1 no\r\n"), []byte("221 bye\r\n"), []byte(""))
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g []byte) {
		server := &rawServer{says: [][]byte{a, b, c, d, e, g}}
		msg := upstream.Outgoing{From: "ada@example.org", To: []string{"grace@example.org"}, Size: int64(len(text)), Body: strings.NewReader(text)}
		_, err := New(Config{Dialer: server}).Send(context.Background(), msg)
		if ended := bytes.Contains(server.got, []byte("\r\n.\r\n")); err == nil && !ended {
			t.Errorf("it says the message was sent; the server got %q", server.got)
		} else if err != nil && upstream.KindOf(err) == "" {
			t.Errorf("error without a kind: %v", err)
		}
	})
}

// rawServer is a Dialer and the connection it gives. It says one thing after each
// write, whatever that was, and then hangs up.
type rawServer struct {
	net.Conn // only for what is not called
	says     [][]byte
	saying   []byte
	got      []byte
}

func (r *rawServer) Dial(context.Context, upstream.Server) (net.Conn, error) {
	r.next()
	return r, nil
}

func (r *rawServer) StartTLS(context.Context, net.Conn, upstream.Server) (net.Conn, error) {
	return nil, errors.New("no TLS in memory")
}

func (r *rawServer) next() {
	if len(r.says) > 0 {
		r.saying, r.says = append(r.saying, r.says[0]...), r.says[1:]
	}
}

func (r *rawServer) Read(p []byte) (int, error) {
	if len(r.saying) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.saying)
	r.saying = r.saying[n:]
	return n, nil
}

func (r *rawServer) Write(p []byte) (int, error) {
	r.got = append(r.got, p...)
	r.next()
	return len(p), nil
}

func (r *rawServer) SetDeadline(time.Time) error { return nil }
func (r *rawServer) Close() error                { return nil }
