package smtpsend

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/postfix"
)

func postfixSender(s *postfix.Server, security upstream.Security) *Sender {
	return New(Config{Server: s.SMTP(security), Dialer: s.Dialer})
}

func letterTo(to ...string) upstream.Outgoing {
	msg := outgoing("Subject: dots\r\n\r\n.\r\n..hidden\r\nhello\r\n")
	msg.From, msg.To = "ada@hearth.test", to
	return msg
}

// TestPostfix: a real Postfix takes what we send, over every kind of connection, and
// says what it does not take.
func TestPostfix(t *testing.T) {
	server := postfix.Start(t, postfix.Options{Config: "message_size_limit = 100000\nsmtpd_tls_auth_only = yes"})
	for i, security := range []upstream.Security{upstream.TLS, upstream.STARTTLS, upstream.None} {
		sender := postfixSender(server, security)
		if err := sender.Check(t.Context()); err != nil {
			t.Fatalf("%s: %v", security, err)
		}
		if !sender.OffersDSN() || sender.MaxSize() != 100_000 {
			t.Errorf("DSN %v, at most %d", sender.OffersDSN(), sender.MaxSize())
		}
		receipt, err := sender.Send(t.Context(), letterTo("grace@hearth.test"))
		if err != nil || receipt.Replies[0].Code != 250 || receipt.Replies[0].Enhanced != "2.1.5" {
			t.Fatalf("%s: %+v, %v", security, receipt, err)
		}
		for _, raw := range server.Mail(t, "grace", i+1) {
			if !strings.HasSuffix(raw, "\n\n.\n..hidden\nhello\n") {
				t.Errorf("arrived: %q", raw)
			}
		}
	}
	sender := postfixSender(server, upstream.TLS)

	receipt, err := sender.Send(t.Context(), letterTo("alan@hearth.test", "nobody@hearth.test", "x@elsewhere.test"))
	wantError(t, err, upstream.Error{Kind: upstream.KindRefused, Step: upstream.StepRecipients})
	var codes []string
	for _, r := range receipt.Replies {
		codes = append(codes, r.Enhanced)
	}
	if !slices.Equal(codes, []string{"2.1.5", "5.1.1", "5.7.1"}) {
		t.Errorf("receipt %+v", receipt.Replies)
	}

	large := letterTo("alan@hearth.test")
	large.Size = 200_000
	_, err = sender.Send(t.Context(), large)
	wantError(t, err, upstream.Error{Kind: upstream.KindRefused, Step: upstream.StepSize})

	eight := letterTo("alan@hearth.test")
	eight.Body, eight.Size, eight.EightBit = strings.NewReader("Subject: x\r\n\r\n\xfc\r\n"), 17, true
	if _, err = sender.Send(t.Context(), eight); err != nil {
		t.Error(err)
	}
	if raw := server.Mail(t, "alan", 1)[0]; !strings.Contains(raw, "\xfc") {
		t.Errorf("arrived: %q", raw)
	}
	// What was refused for one did not reach the other: alan has just this one.

	_, err = sender.Send(t.Context(), letterTo("grüße@hearth.test"))
	wantError(t, err, upstream.Error{Kind: upstream.KindRefused, Step: upstream.StepRecipients, Code: "550"})
}

// TestPostfixDSN: what is asked for is told.
func TestPostfixDSN(t *testing.T) {
	server := postfix.Start(t, postfix.Options{})
	msg := letterTo("grace@hearth.test", "alan@hearth.test")
	msg.DSN = upstream.DSN{
		Return: "HDRS", EnvelopeID: "one two+three=four",
		To: []upstream.RecipientDSN{{Notify: []string{"SUCCESS", "FAILURE"}, Original: "g+race@hearth.test"}, {Notify: []string{"NEVER"}}},
	}
	if _, err := postfixSender(server, upstream.STARTTLS).Send(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	report := server.Mail(t, "ada", 1)[0]
	for _, want := range []string{"Original-Envelope-Id: one two+three=four", "Original-Recipient: RFC822;g+race@hearth.test", "Action: delivered", "Content-Type: text/rfc822-headers"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report has no %q:\n%s", want, report)
		}
	}
	if strings.Contains(report, "alan@") {
		t.Errorf("the report is about alan:\n%s", report)
	}
}

// TestPostfixWithout: what an extension is needed for is refused before the message is
// sent, in words that say so; what can be written otherwise is.
func TestPostfixWithout(t *testing.T) {
	server := postfix.Start(t, postfix.Options{Config: "smtpd_discard_ehlo_keywords = 8bitmime, dsn, smtputf8, size"})
	sender := postfixSender(server, upstream.TLS)
	refused := func(what string, msg upstream.Outgoing) {
		t.Helper()
		_, err := sender.Send(t.Context(), msg)
		var e *upstream.Error
		if !errors.As(err, &e) || e.Kind != upstream.KindRefused || !strings.Contains(e.Text, what) {
			t.Errorf("%v, want a refusal for %s", err, what)
		}
	}
	eight := letterTo("grace@hearth.test")
	body := "Subject: gr\xc3\xbc\xc3\x9fe\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nsch\xc3\xb6n\r\n"
	eight.Body, eight.Size, eight.EightBit = strings.NewReader(body), int64(len(body)), true
	if _, err := sender.Send(t.Context(), eight); err != nil {
		t.Error(err)
	}
	if raw := server.Mail(t, "grace", 1)[0]; !strings.Contains(raw, "\nsch=C3=B6n\n") || !strings.Contains(raw, "=?utf-8?q?gr=C3=BC=C3=9Fe?=") {
		t.Errorf("arrived: %q", raw)
	}
	body = "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xfc\r\n--b--\r\n"
	eight.Body, eight.Size = strings.NewReader(body), int64(len(body))
	refused("signed", eight)
	dsn := letterTo("grace@hearth.test")
	dsn.DSN.Return = "FULL"
	refused("DSN", dsn)
	refused("grüße@hearth.test", letterTo("grüße@hearth.test"))
	if _, err := sender.Send(t.Context(), letterTo("grace@hearth.test")); err != nil {
		t.Error(err)
	}
	server.Mail(t, "grace", 2) // nothing of what was refused
}
