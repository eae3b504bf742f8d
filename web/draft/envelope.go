package draft

import (
	"strconv"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Hold is how long a message is held back before it is sent: For a while, or Until a time; the
// zero Hold not at all.
type Hold struct {
	For   time.Duration
	Until time.Time
}

// Envelope is who a message with these headers is from and goes to, each once, and what the
// server is to do besides: hold it back (RFC 4865), and report what becomes of it (RFC 3461).
func Envelope(headers *jmap.Email, from string, hold Hold, report bool) *jmap.Envelope {
	e := &jmap.Envelope{MailFrom: jmap.EnvelopeAddress{Email: from}}
	parameter := func(name, value string) {
		if e.MailFrom.Parameters == nil {
			e.MailFrom.Parameters = map[string]*string{}
		}
		e.MailFrom.Parameters[name] = &value
	}
	switch {
	case !hold.Until.IsZero():
		parameter("HOLDUNTIL", hold.Until.UTC().Format(time.RFC3339))
	case hold.For > 0:
		parameter("HOLDFOR", strconv.Itoa(int(hold.For.Seconds())))
	}
	var wanted map[string]*string
	if report {
		parameter("RET", "HDRS")
		always := "SUCCESS,FAILURE,DELAY"
		wanted = map[string]*string{"NOTIFY": &always}
	}
	seen := map[string]bool{}
	for _, list := range [][]jmap.EmailAddress{headers.To, headers.Cc, headers.Bcc} {
		for _, a := range pick(list, seen) {
			e.RcptTo = append(e.RcptTo, jmap.EnvelopeAddress{Email: a.Email, Parameters: wanted})
		}
	}
	return e
}
