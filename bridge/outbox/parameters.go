package outbox

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// MaxDelay is how long a message may wait for its time: FUTURERELEASE (RFC 4865),
// done here, so that every server can.
const MaxDelay = 366 * 24 * time.Hour

// Parameters is what the SMTP parameters of an envelope ask for.
type Parameters struct {
	Delay time.Duration // HOLDFOR
	Until time.Time     // HOLDUNTIL
	DSN   upstream.DSN
}

// ReadParameters reads the parameters of an envelope, which are without xtext (RFC
// 8621 §7). SIZE, BODY and SMTPUTF8 are not heeded: what the message needs is known
// from the message. The error says in plain words what is wrong with which.
func ReadParameters(e jmap.Envelope) (Parameters, error) {
	var p Parameters
	hold := 0
	for name, value := range e.MailFrom.Parameters {
		var err error
		switch name = strings.ToUpper(name); name {
		case "SIZE", "SMTPUTF8":
		case "BODY":
			if v := strings.ToUpper(orNone(value)); v != "7BIT" && v != "8BITMIME" {
				err = fmt.Errorf("BODY %q is not known", v)
			}
		case "RET":
			if p.DSN.Return = strings.ToUpper(orNone(value)); p.DSN.Return != "FULL" && p.DSN.Return != "HDRS" {
				err = errors.New("RET is FULL or HDRS")
			}
		case "ENVID":
			if p.DSN.EnvelopeID = orNone(value); !printable(p.DSN.EnvelopeID, 100) { // RFC 3461 §4.4
				err = fmt.Errorf("ENVID has 1 to %d printable characters", 100)
			}
		case "HOLDFOR":
			hold++
			p.Delay, err = readDelay(orNone(value))
		case "HOLDUNTIL":
			hold++
			p.Until, err = readUntil(orNone(value))
		default:
			err = fmt.Errorf("the parameter %q is not known", name)
		}
		if err != nil {
			return p, err
		}
	}
	if hold > 1 { // RFC 4865 §4.2
		return p, errors.New("HOLDFOR and HOLDUNTIL exclude each other")
	}
	return p, readRecipients(&p.DSN, e.RcptTo)
}

func readRecipients(dsn *upstream.DSN, to []jmap.EnvelopeAddress) error {
	for i, r := range to {
		for name, value := range r.Parameters {
			if dsn.To == nil {
				dsn.To = make([]upstream.RecipientDSN, len(to))
			}
			switch name = strings.ToUpper(name); name {
			case "NOTIFY":
				notify := strings.Split(strings.ToUpper(orNone(value)), ",")
				if err := checkNotify(notify); err != nil {
					return err
				}
				dsn.To[i].Notify = notify
			case "ORCPT":
				kind, address, ok := strings.Cut(orNone(value), ";")
				if !ok || !strings.EqualFold(kind, "rfc822") || !printable(address, 500) {
					return fmt.Errorf("ORCPT is %q and an address", "rfc822;")
				}
				dsn.To[i].Original = address
			default:
				return fmt.Errorf("the parameter %q is not known", name)
			}
		}
	}
	return nil
}

// checkNotify: RFC 3461 §4.1.
func checkNotify(notify []string) error {
	seen := map[string]bool{}
	for _, n := range notify {
		known := n == "SUCCESS" || n == "FAILURE" || n == "DELAY" || n == "NEVER" && len(notify) == 1
		if !known || seen[n] {
			return fmt.Errorf("NOTIFY is %q, or some of SUCCESS, FAILURE and DELAY", "NEVER")
		}
		seen[n] = true
	}
	return nil
}

func readDelay(value string) (time.Duration, error) {
	seconds, err := strconv.ParseUint(value, 10, 32)
	if err != nil || time.Duration(seconds)*time.Second > MaxDelay {
		return 0, fmt.Errorf("HOLDFOR is 0 to %d seconds", int(MaxDelay.Seconds()))
	}
	return time.Duration(seconds) * time.Second, nil
}

func readUntil(value string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil || time.Until(at) > MaxDelay {
		return at, fmt.Errorf("HOLDUNTIL is a date and time of the next %d days", int(MaxDelay.Hours()/24))
	}
	return at.UTC(), nil
}

// SendAt is when a message submitted now is to be sent.
func (p Parameters) SendAt(now time.Time) time.Time {
	at := now.Add(p.Delay)
	if p.Until.After(at) {
		at = p.Until
	}
	return at.UTC().Truncate(time.Second)
}

func orNone(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// printable reports whether a value is 1 to most printable ASCII characters.
func printable(value string, most int) bool {
	return value != "" && len(value) <= most && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' })
}
