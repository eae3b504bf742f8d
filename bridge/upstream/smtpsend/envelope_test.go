package smtpsend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

const pipelined = `
	S: 220 hi
	C: EHLO
	S: 250-x\r\n250-PIPELINING\r\n250 DSN
	C: MAIL FROM:<ada@example.org> RET=HDRS ENVID=a+20+2Bb
	C: RCPT TO:<grace@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=RFC822;g@example.org
	C: RCPT TO:<alan@example.org>
	`

// TestPipelining: where the server likes it the envelope goes in one piece, and no octet of
// the message before every recipient has had their answer.
func TestPipelining(t *testing.T) {
	for _, c := range []struct {
		name, then string
		want       upstream.Error // no Kind: it is sent
		replies    string
	}{
		{"all accepted", `S: 250 ok\r\n250 2.1.5 yes\r\n251 2.1.5 well` + "\nC: DATA\nS: 354 go\nbody\nS: 250 queued\nC: QUIT\nS: 221 bye", upstream.Error{}, "250 251"},
		{"one refused", `S: 250 ok\r\n250 yes\r\n550 5.1.1 nobody` + "\nC: QUIT\nS: 221 bye", upstream.Error{Kind: upstream.KindRefused, Step: stepRecipients, Code: "550", Text: "nobody"}, "250 550"},
		{"sender refused", `S: 553 not yours\r\n503 what?\r\n503 what?` + "\nC: QUIT\nS: 221 bye", upstream.Error{Kind: upstream.KindRefused, Step: stepSender, Code: "553", Text: "not yours"}, "553 553"},
		{"sender refused, and gone", `S: 421 enough`, upstream.Error{Kind: upstream.KindUnavailable, Step: stepSender, Code: "421"}, "421 421"},
		{"gone at a recipient", `S: 250 ok\r\n421 enough`, upstream.Error{Kind: upstream.KindUnavailable, Step: stepRecipients, Code: "421"}, "421 0"},
		{"one answer too few", `S: 250 ok\r\n250 yes`, upstream.Error{Kind: upstream.KindLost, Step: stepRecipients}, "250 0"},
		{"one answer too many", `S: 250 ok\r\n250 yes\r\n250 yes\r\n354 go`, upstream.Error{Kind: upstream.KindProtocol, Step: stepMessage}, "250 250"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, sender := start(t, upstream.None, steps(pipelined+c.then), nil)
			msg := outgoing(text)
			msg.DSN = upstream.DSN{Return: "HDRS", EnvelopeID: "a +b", To: []upstream.RecipientDSN{{Notify: []string{"SUCCESS", "FAILURE"}, Original: "g@example.org"}}}
			receipt, err := sender.Send(t.Context(), msg)
			<-server.done
			if c.want.Kind == "" {
				if err != nil || string(server.body) != text+".\r\n" {
					t.Errorf("%v, body %q", err, server.body)
				}
			} else {
				wantError(t, err, c.want)
				if len(server.body) > 0 {
					t.Errorf("sent: %q", server.body)
				}
			}
			if got := fmt.Sprint(receipt.Replies[0].Code, receipt.Replies[1].Code); got != c.replies {
				t.Errorf("replies %s, want %s", got, c.replies)
			}
		})
	}
}

// TestManyRecipients: however many there are, no more are on their way than the server
// can be expected to take in.
func TestManyRecipients(t *testing.T) {
	const people = 120
	script := []string{"S: 220 hi", "C: EHLO", `S: 250-x\r\n250 PIPELINING`, "C: MAIL"}
	msg := outgoing(text)
	msg.To = nil
	waiting := 1
	answer := func() {
		script = append(script, "S: "+strings.Repeat(`250 ok\r\n`, waiting))
		waiting = 0
	}
	for i := range people {
		msg.To = append(msg.To, fmt.Sprintf("p%d@example.org", i))
		script = append(script, fmt.Sprintf("C: RCPT TO:<p%d@", i))
		if waiting++; waiting == window {
			answer()
		}
	}
	answer()
	script = append(script, "C: DATA", "S: 354 go", "body", "S: 250 ok", "C: QUIT", "S: 221 bye")
	_, sender := start(t, upstream.None, script, nil)
	if _, err := sender.Send(t.Context(), msg); err != nil {
		t.Error(err)
	}
}
