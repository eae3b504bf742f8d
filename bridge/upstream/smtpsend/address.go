package smtpsend

import (
	"fmt"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// checkAddresses refuses an envelope before anything is connected to. What is no
// address could otherwise add parameters or commands of its own to the dialogue
// (go-smtp writes addresses between angle brackets as they are).
func checkAddresses(server string, msg upstream.Outgoing) error {
	refuse := func(text string, err error) error {
		return &upstream.Error{Kind: upstream.KindRefused, Server: server, Step: stepAddresses, Text: text, Err: err}
	}
	if len(msg.To) == 0 {
		return refuse("the message has no recipient", nil)
	}
	if msg.From != "" { // the null sender of RFC 5321 §4.5.5
		if err := message.ValidAddress(msg.From); err != nil {
			return refuse(fmt.Sprintf("the sender %q is not an address", msg.From), err)
		}
	}
	for _, to := range msg.To {
		if err := message.ValidAddress(to); err != nil {
			return refuse(fmt.Sprintf("the recipient %q is not an address", to), err)
		}
	}
	return nil
}

// plainly gives an envelope with domains as they are in the DNS, and whether that made a
// difference: for a server that does not know others (RFC 6531 §3.2).
func plainly(msg upstream.Outgoing) (plain upstream.Outgoing, changed bool) {
	plain = msg
	plain.From = message.ASCIIAddress(msg.From)
	plain.To = make([]string, len(msg.To))
	for i, to := range msg.To {
		plain.To[i] = message.ASCIIAddress(to)
	}
	return plain, plain.From != msg.From || !slices.Equal(plain.To, msg.To)
}

// firstNonASCII gives the first address that needs SMTPUTF8, "" for none.
func firstNonASCII(msg upstream.Outgoing) string {
	for _, address := range append([]string{msg.From}, msg.To...) {
		for _, c := range []byte(address) {
			if c > 127 {
				return address
			}
		}
	}
	return ""
}
