package smtpsend

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// whole is a script in which all goes well; each test changes some of it.
const whole = `
	S: 220 mail.example.org ready
	C: EHLO [127.0.0.1]
	S: 250-mail.example.org\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000
	C: AUTH PLAIN
	S: 235 2.7.0 welcome
	C: MAIL FROM:<ada@example.org> SIZE=22
	S: 250 2.1.0 ok
	C: RCPT TO:<grace@example.org>
	S: 250 2.1.5 yes
	C: RCPT TO:<alan@example.org>
	S: 251 2.1.5 will forward
	C: DATA
	S: 354 go ahead
	body
	S: 250 2.0.0 queued as 4711
	C: QUIT
	S: 221 bye`

// with gives the script up to the step that begins with at, then the new steps.
func with(t *testing.T, at string, then ...string) []string {
	t.Helper()
	all := steps(whole)
	for i, step := range all {
		if strings.HasPrefix(step, at) {
			return append(all[:i:i], then...)
		}
	}
	t.Fatalf("no step %q", at)
	return nil
}

// goodbye stands after the steps of a refusal: the client hangs up politely.
var goodbye = []string{"C: QUIT", "S: 221 bye"}

func TestReceipt(t *testing.T) {
	server, sender := start(t, upstream.None, steps(whole), withPassword)
	receipt, err := sender.Send(t.Context(), outgoing(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []upstream.Reply{{Code: 250, Enhanced: "2.1.5", Text: "yes"}, {Code: 251, Enhanced: "2.1.5", Text: "will forward"}}
	if receipt.Replies[0] != want[0] || receipt.Replies[1] != want[1] {
		t.Errorf("receipt %+v, want %+v", receipt.Replies, want)
	}
	if got := string(server.body); got != text+".\r\n" {
		t.Errorf("body %q", got)
	}
}

// Every way of saying no, at each step.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		at    string   // the step of whole that is replaced
		then  []string // by these
		want  upstream.Error
		reply upstream.Reply // of the first recipient
	}{
		{
			"greeting, for good", "S: 220", append([]string{`S: 554-5.7.1 go\r\n554 5.7.1 away`}, goodbye...),
			upstream.Error{Kind: upstream.KindRefused, Step: stepHello, Code: "554", Text: "go\naway"},
			upstream.Reply{},
		},
		{
			"greeting, for now", "S: 220",
			[]string{"S: 421 4.3.2 too busy"},
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepHello, Code: "421", Text: "too busy"},
			upstream.Reply{},
		},
		{
			"EHLO, for good", "S: 250-", append([]string{"S: 550 not you"}, goodbye...),
			upstream.Error{Kind: upstream.KindRefused, Step: stepHello, Code: "550", Text: "not you"},
			upstream.Reply{},
		},
		{
			"EHLO, for now", "S: 250-", append([]string{"S: 450 later"}, goodbye...),
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepHello, Code: "450", Text: "later"},
			upstream.Reply{},
		},
		{
			"only HELO", "S: 250-", append([]string{"S: 502 what?", "C: HELO [127.0.0.1]", "S: 250 hello"}, goodbye...),
			upstream.Error{Kind: upstream.KindNoAuth, Step: stepSignIn},
			upstream.Reply{},
		},
		{
			"no AUTH", "S: 250-", append([]string{"S: 250-x\\r\\n250 SIZE"}, goodbye...),
			upstream.Error{Kind: upstream.KindNoAuth, Step: stepSignIn},
			upstream.Reply{},
		},
		{
			"no AUTH that we know", "S: 250-", append([]string{"S: 250-x\\r\\n250 AUTH GSSAPI NTLM"}, goodbye...),
			upstream.Error{Kind: upstream.KindNoAuth, Step: stepSignIn},
			upstream.Reply{},
		},
		{
			"password, for good", "S: 235", append([]string{"S: 535 5.7.8 no"}, goodbye...),
			upstream.Error{Kind: upstream.KindAuth, Step: stepSignIn, Code: "535", Text: "no"},
			upstream.Reply{},
		},
		{
			"password of another kind", "S: 235", append([]string{`S: 534-5.7.9 Application-specific password required.\r\n534 5.7.9 See https://x.example`}, goodbye...),
			upstream.Error{Kind: upstream.KindAuth, Step: stepSignIn, Code: "534", Text: "Application-specific password required.\nSee https://x.example"},
			upstream.Reply{},
		},
		{
			"password, for now", "S: 235", append([]string{"S: 454 4.7.0 later"}, goodbye...),
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepSignIn, Code: "454", Text: "later"},
			upstream.Reply{},
		},
		{
			"mechanism", "S: 235", append([]string{"S: 504 5.5.4 no PLAIN here"}, goodbye...),
			upstream.Error{Kind: upstream.KindNoAuth, Step: stepSignIn, Code: "504"},
			upstream.Reply{},
		},
		{
			"password echoed", "S: 235", append([]string{"S: 535 what is AGFkYQBvcGVuIHNlc2FtZQ== or open sesame?"}, goodbye...),
			upstream.Error{Kind: upstream.KindAuth, Step: stepSignIn, Code: "535", Text: "what is *** or ***?"},
			upstream.Reply{},
		},
		{
			"asks again", "S: 235", append([]string{"S: 334 "}, goodbye...),
			upstream.Error{Kind: upstream.KindProtocol, Step: stepSignIn},
			upstream.Reply{},
		},
		{
			"asks in no base64", "S: 235", append([]string{"S: 334 AGFkYQBvcGVuIHNlc2FtZQ==!"}, goodbye...),
			upstream.Error{Kind: upstream.KindProtocol, Step: stepSignIn},
			upstream.Reply{},
		},
		{
			"sender, for good", "S: 250 2.1.0", append([]string{"S: 553 5.7.1 not yours"}, goodbye...),
			upstream.Error{Kind: upstream.KindRefused, Step: stepSender, Code: "553", Text: "not yours"},
			upstream.Reply{Code: 553, Enhanced: "5.7.1", Text: "not yours"},
		},
		{
			"sender, for now", "S: 250 2.1.0", append([]string{"S: 452 4.3.1 disk full"}, goodbye...),
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepSender, Code: "452", Text: "disk full"},
			upstream.Reply{Code: 452, Enhanced: "4.3.1", Text: "disk full"},
		},
		{
			"sender must sign in", "S: 250 2.1.0", append([]string{"S: 530 5.7.0 sign in first"}, goodbye...),
			upstream.Error{Kind: upstream.KindNoAuth, Step: stepSender, Code: "530", Text: "sign in first"},
			upstream.Reply{Code: 530, Enhanced: "5.7.0", Text: "sign in first"},
		},
		{
			"one recipient, for good", "S: 250 2.1.5", append([]string{
				"S: 550 5.1.1 nobody", "C: RCPT TO:<alan@example.org>", "S: 250 2.1.5 fine",
			}, goodbye...),
			upstream.Error{Kind: upstream.KindRefused, Step: stepRecipients, Code: "550", Text: "nobody"},
			upstream.Reply{Code: 550, Enhanced: "5.1.1", Text: "nobody"},
		},
		{
			"the other recipient, for now", "S: 251", append([]string{"S: 450 4.2.0 greylisted"}, goodbye...),
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepRecipients, Code: "450", Text: "greylisted"},
			upstream.Reply{Code: 250, Enhanced: "2.1.5", Text: "yes"},
		},
		{
			"one for now, the other for good", "S: 250 2.1.5", append([]string{
				"S: 450 4.2.0 greylisted", "C: RCPT TO:<alan@example.org>", "S: 550 nobody",
			}, goodbye...),
			upstream.Error{Kind: upstream.KindRefused, Step: stepRecipients, Code: "550", Text: "nobody"},
			upstream.Reply{Code: 450, Enhanced: "4.2.0", Text: "greylisted"},
		},
		{
			"closing at a recipient", "S: 250 2.1.5",
			[]string{"S: 421 4.4.2 too slow"},
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepRecipients, Code: "421", Text: "too slow"},
			upstream.Reply{Code: 421, Enhanced: "4.4.2", Text: "too slow"},
		},
		{
			"DATA, for good", "S: 354", append([]string{"S: 554 5.5.1 no"}, goodbye...),
			upstream.Error{Kind: upstream.KindRefused, Step: stepMessage, Code: "554", Text: "no"},
			upstream.Reply{Code: 554, Enhanced: "5.5.1", Text: "no"},
		},
		{
			"DATA, for now", "S: 354", append([]string{"S: 451 4.3.0 later"}, goodbye...),
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepMessage, Code: "451", Text: "later"},
			upstream.Reply{Code: 451, Enhanced: "4.3.0", Text: "later"},
		},
		{
			"the message, for good", "S: 250 2.0.0", append([]string{"S: 554 5.7.1 spam"}, goodbye...),
			upstream.Error{Kind: upstream.KindRefused, Step: stepReceipt, Code: "554", Text: "spam"},
			upstream.Reply{Code: 554, Enhanced: "5.7.1", Text: "spam"},
		},
		{
			"the message, for now", "S: 250 2.0.0", append([]string{"S: 451 4.7.1 come back"}, goodbye...),
			upstream.Error{Kind: upstream.KindUnavailable, Step: stepReceipt, Code: "451", Text: "come back"},
			upstream.Reply{Code: 451, Enhanced: "4.7.1", Text: "come back"},
		},
		{
			"nonsense for a receipt", "S: 250 2.0.0",
			[]string{"S: fine, thanks"},
			upstream.Error{Kind: upstream.KindMaybeSent, Step: stepReceipt},
			upstream.Reply{Code: 250, Enhanced: "2.1.5", Text: "yes"},
		},
		{
			"a receipt that asks", "S: 250 2.0.0",
			[]string{"S: 354 more?"},
			upstream.Error{Kind: upstream.KindMaybeSent, Step: stepReceipt},
			upstream.Reply{Code: 250, Enhanced: "2.1.5", Text: "yes"},
		},
		{
			"half a receipt", "S: 250 2.0.0",
			[]string{"S: 250-2.0.0 queued"},
			upstream.Error{Kind: upstream.KindMaybeSent, Step: stepReceipt},
			upstream.Reply{Code: 250, Enhanced: "2.1.5", Text: "yes"},
		},
		{
			"nonsense for a greeting", "S: 220",
			[]string{"S: * OK IMAP4rev1 ready"},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepHello, Text: "the server does not speak SMTP as it should"},
			upstream.Reply{},
		},
		{
			"binary for a greeting", "S: 220",
			[]string{"S: \x00\x01\x02\xff\xfe"},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepHello},
			upstream.Reply{},
		},
		{
			"a greeting too soon", "S: 220",
			[]string{`S: 220 hi\r\n250 EHLO what?`},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepHello},
			upstream.Reply{},
		},
		{
			"two replies to one command", "S: 250 2.1.0",
			[]string{`S: 250 ok\r\n250 ok`},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepRecipients},
			upstream.Reply{},
		},
		{
			"a receipt in advance", "S: 354",
			[]string{`S: 354 go\r\n250 2.0.0 queued`},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepMessage},
			upstream.Reply{Code: 250, Enhanced: "2.1.5", Text: "yes"},
		},
		{
			"a huge line", "S: 220",
			[]string{"S: 220 " + strings.Repeat("x", 1<<20)},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepHello},
			upstream.Reply{},
		},
		{
			"a long line", "S: 250-",
			[]string{"S: 250 " + strings.Repeat("x", 3000)},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepHello},
			upstream.Reply{},
		},
		{
			"an endless reply", "S: 250-",
			[]string{"S: " + strings.Repeat(`250-x\r\n`, 1<<16)},
			upstream.Error{Kind: upstream.KindProtocol, Step: stepHello},
			upstream.Reply{},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, sender := start(t, upstream.None, with(t, c.at, c.then...), withPassword)
			receipt, err := sender.Send(t.Context(), outgoing(text))
			wantError(t, err, c.want)
			for _, secret := range []string{"open sesame", "AGFkYQBvcGVuIHNlc2FtZQ"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows the password: %v", err)
				}
			}
			var first upstream.Reply
			if len(receipt.Replies) > 0 {
				first = receipt.Replies[0]
			}
			if first != c.reply {
				t.Errorf("receipt %+v, want %+v first", receipt.Replies, c.reply)
			}
		})
	}
}

// Keywords are compared without case (RFC 5321 §2.4), and AUTH= is AUTH.
func TestKeywords(t *testing.T) {
	for _, offer := range []string{"auth plain", "Auth=Login Plain", "AUTH=PLAIN\\r\\n250-auth PLAIN"} {
		script := with(t, "S: 250-", `S: 250-x\r\n250-`+offer+`\r\n250-8bitmime\r\n250-smtpUTF8\r\n250 size 10000`,
			"C: AUTH PLAIN AGFkYQBvcGVuIHNlc2FtZQ==", "S: 235 hi", "C: MAIL FROM:<ada@example.org> BODY=8BITMIME SIZE=22 SMTPUTF8", "S: 550 enough", "C: QUIT")
		_, sender := start(t, upstream.None, script, withPassword)
		msg := outgoing(text)
		msg.To = []string{"grüße@example.org"}
		_, err := sender.Send(t.Context(), msg)
		wantError(t, err, upstream.Error{Kind: upstream.KindRefused, Step: stepSender})
	}
}

// Nothing is connected to for an envelope that could say more than it should.
func TestAddresses(t *testing.T) {
	for _, address := range []string{
		"", "ada", "@", "ada@", "@example.org", "ada@example.org>", "<ada@example.org>", "ada@example.org> SIZE=1",
		"ada@example.org\r\nRCPT TO:<eve@example.org>", "ada\n@example.org", "ada@exa\rmple.org", "ada@example.org\x00", "a da@example.org",
		"ada@example.org BODY=8BITMIME", "ada@exam ple.org", "Ada <ada@example.org>", `"ada"x@example.org`, "\"a\r\nb\"@example.org",
		`"a@example.org`, `"a\"@example.org`, "ada..b@example.org", ".ada@example.org", "ada@example..org", "ada@example.org.", "ada,bob@example.org",
		"ada@example.org,bob@example.org", "ada\u0085@example.org", "ada@[127.0.0.1", "ada@[<>]", "\xff@example.org",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b.", 126) + "org",
	} {
		sender := New(Config{}) // a dialer that is not there would panic
		for _, msg := range []upstream.Outgoing{
			{From: "ada@example.org", To: []string{"grace@example.org", address}},
			{From: address, To: []string{"grace@example.org"}},
		} {
			if msg.From == "" {
				continue
			}
			_, err := sender.Send(t.Context(), msg)
			wantError(t, err, upstream.Error{Kind: upstream.KindRefused, Step: stepAddresses})
		}
	}
	_, err := New(Config{}).Send(t.Context(), upstream.Outgoing{From: "ada@example.org"})
	wantError(t, err, upstream.Error{Kind: upstream.KindRefused, Step: stepAddresses, Text: "the message has no recipient"})
}
