package dovecot

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Bulk is an Options.Config for accounts of very many messages: in mdbox, a few big
// files, and with no care for a loss of power.
const Bulk = `
mail_location = mdbox:~/mdbox
mdbox_rotate_size = 64M
mail_fsync = never
mail_always_cache_fields = flags date.sent date.received size.virtual imap.bodystructure hdr.from hdr.to hdr.cc hdr.subject hdr.date hdr.message-id hdr.in-reply-to hdr.references
`

// seedBatch is how many messages one APPEND files (RFC 3502).
const seedBatch = 2000

// Seed files n messages into a mailbox, all seen, a minute apart up to now: mail of many
// people in conversations of a few messages each, some 700 octets. The server should have
// been started with Bulk.
func (s *Server) Seed(t testing.TB, name, mailbox string, n int) {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.imap)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	in, out := bufio.NewReader(c), bufio.NewWriterSize(c, 1<<20)
	say := func(format string, args ...any) {
		t.Helper()
		if _, err := fmt.Fprintf(out, "s "+format+"\r\n", args...); err != nil {
			t.Fatal(err)
		}
		seedAnswer(t, in, out)
	}
	say("LOGIN %s %s", name, Password.Reveal())
	if mailbox != "INBOX" {
		say("CREATE %s", mailbox)
	}
	now := time.Now().UTC()
	for i := 0; i < n; {
		var batch strings.Builder
		for end := min(i+seedBatch, n); i < end; i++ {
			at := now.Add(-time.Duration(n-i) * time.Minute)
			raw := seedMessage(i, at)
			fmt.Fprintf(&batch, ` (\Seen) "%s" {%d+}`+"\r\n%s", at.Format("02-Jan-2006 15:04:05 -0700"), len(raw), raw)
		}
		say("APPEND %s%s", mailbox, batch.String())
	}
	say("LOGOUT")
}

// seedAnswer waits for the answer to a command of Seed.
func seedAnswer(t testing.TB, in *bufio.Reader, out *bufio.Writer) {
	t.Helper()
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "s ") {
			if !strings.HasPrefix(line, "s OK") {
				t.Fatal(line)
			}
			return
		}
		if err == io.EOF {
			t.Fatal("dovecot hangs up")
		}
	}
}

// seedMessage is message i: the first, or an answer to the one before it, of a
// conversation of one to eight messages.
func seedMessage(i int, at time.Time) string {
	thread := i / 8
	place := i % 8
	if size := thread%8 + 1; place >= size { // the rest of the eight stand alone
		thread, place = i+1<<24, 0
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: Person %d <p%d@seed.test>\r\nTo: Reader <reader@seed.test>\r\nDate: %s\r\nMessage-ID: <%d.%d@seed.test>\r\n",
		i%977, i%977, at.Format(time.RFC1123Z), thread, place)
	subject := fmt.Sprintf("About matter %d", thread)
	if place > 0 {
		subject = "Re: " + subject
		fmt.Fprintf(&b, "In-Reply-To: <%d.%d@seed.test>\r\nReferences:", thread, place-1)
		for p := range place {
			fmt.Fprintf(&b, " <%d.%d@seed.test>", thread, p)
		}
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "Subject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", subject)
	for line := range 4 {
		fmt.Fprintf(&b, "Line %d of message %d, which goes on for a while as mail does.\r\n", line+1, i)
	}
	return b.String()
}
