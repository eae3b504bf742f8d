package method

import (
	"fmt"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxRecipients of one message; servers take at least 100 (RFC 5321 §4.5.3.1.8).
const maxRecipients = 500

// mayUseFrom: who signs in sends as themselves (RFC 8621 §7.5 forbiddenFrom). What is
// passed on as it is was written by somebody else: then it is who sends it again (RFC 5322
// §3.6.6), of whom the latest stands first.
func mayUseFrom(own string, header message.Header) error {
	from := header.All("From")
	if again := header.All("Resent-From"); len(again) > 0 {
		return mayResend(own, again[0])
	}
	if len(from) != 1 {
		return invalidEmail("the message must have one From", "from")
	}
	addresses := message.Addresses(from[0])
	if len(addresses) == 0 {
		return invalidEmail("From has no address", "from")
	}
	for _, a := range addresses {
		if !maySendAs(own, a.Email) {
			return &jmap.SetError{Type: jmap.SetForbiddenFrom, Description: "From must be " + own}
		}
	}
	if senders := header.All("Sender"); len(senders) > 1 || len(senders) == 1 && len(message.Addresses(senders[0])) != 1 {
		return invalidEmail("the message must have at most one Sender, with one address", "sender")
	}
	return nil
}

func mayResend(own, from string) error {
	addresses := message.Addresses(from)
	if len(addresses) != 1 {
		return invalidEmail("Resent-From must have one address", "from")
	}
	if !maySendAs(own, addresses[0].Email) {
		return &jmap.SetError{Type: jmap.SetForbiddenFrom, Description: "Resent-From must be " + own}
	}
	return nil
}

func invalidEmail(description string, properties ...string) *jmap.SetError {
	return &jmap.SetError{Type: jmap.SetInvalidEmail, Description: description, Properties: properties}
}

// envelope is what the client gave, or what the message's header says (RFC 8621 §7).
func envelope(given *jmap.Envelope, own string, identity jmap.Identity, header message.Header) (jmap.Envelope, error) {
	var e jmap.Envelope
	if given != nil {
		e = *given
	} else {
		var err error
		if e, err = headerEnvelope(own, identity, header); err != nil {
			return e, err
		}
	}
	// The null sender is for what must not be answered (RFC 5321 §4.5.5).
	if from := e.MailFrom.Email; from != "" && (message.ValidAddress(from) != nil || !maySendAs(own, from)) {
		return e, &jmap.SetError{Type: jmap.SetForbiddenMailFrom, Description: "the sender must be " + own}
	}
	var err error
	e.RcptTo, err = recipients(e.RcptTo)
	return e, err
}

// headerEnvelope reads it from the header: the Sender, else From, or the identity's
// address where that may not be used; and everybody the message is for, groups taken
// apart.
func headerEnvelope(own string, identity jmap.Identity, header message.Header) (jmap.Envelope, error) {
	e := jmap.Envelope{MailFrom: jmap.EnvelopeAddress{Email: identity.Email}}
	field, _ := header.Raw("Sender")
	if field == "" {
		field, _ = header.Raw("From")
		if len(message.Addresses(field)) > 1 {
			return e, invalidEmail("the message has more than one author, and no Sender", "from")
		}
	}
	if from := message.Addresses(field); len(from) > 0 && maySendAs(own, from[0].Email) {
		e.MailFrom.Email = from[0].Email
	}
	for _, name := range []string{"To", "Cc", "Bcc"} {
		for _, field := range header.All(name) {
			for _, a := range message.Addresses(field) {
				e.RcptTo = append(e.RcptTo, jmap.EnvelopeAddress{Email: a.Email})
			}
		}
	}
	return e, nil
}

// recipients is the recipients once each, or what is wrong with them.
func recipients(all []jmap.EnvelopeAddress) ([]jmap.EnvelopeAddress, error) {
	var to []jmap.EnvelopeAddress
	var bad []string
	seen := map[string]bool{}
	for _, r := range all {
		key := strings.ToLower(r.Email)
		switch {
		case message.ValidAddress(r.Email) != nil:
			bad = append(bad, r.Email)
		case !seen[key]:
			to = append(to, r)
		}
		seen[key] = true
	}
	switch {
	case len(bad) > 0:
		return nil, &jmap.SetError{Type: jmap.SetInvalidRecipients, Description: "not a mail address: " + strings.Join(bad, ", "), InvalidRecipients: bad}
	case len(to) == 0:
		return nil, &jmap.SetError{Type: jmap.SetNoRecipients, Description: "nobody to send to"}
	case len(to) > maxRecipients:
		return nil, &jmap.SetError{Type: jmap.SetTooManyRecipients, MaxRecipients: maxRecipients, Description: fmt.Sprintf("at most %d recipients", maxRecipients)}
	}
	return to, nil
}
