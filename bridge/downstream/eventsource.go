package downstream

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// A ping is for finding out that a connection is dead: seconds, whatever is asked
	// (RFC 8620 §7.3).
	minPing = 5
	maxPing = 300
)

// eventSource tells what changes as server-sent events (RFC 8620 §7.3).
func (s *Server) eventSource(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		want, ok := parseEventSource(r)
		if !ok {
			problem(w, Problem{Status: http.StatusBadRequest, Title: "types is a list or *, closeafter is state or no, ping is a number of seconds."})
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		stop := context.AfterFunc(s.closing, cancel)
		defer stop()
		// Whose accounts have changed comes again: what is told is of the accounts there were.
		changed, revoked := m.session.Changed, s.cfg.House.Revoked(m.session.ID)
		go func() {
			select {
			case <-revoked:
				cancel()
			case <-changed:
				cancel()
			case <-ctx.Done():
			}
		}()
		// Listening first: what changes once the client has the headers is not missed.
		changes := m.mail.Listen(ctx, r.Header.Get("Last-Event-ID"))
		w.Header().Set("Content-Type", "text/event-stream")
		events := &events{w: w, flush: http.NewResponseController(w)}
		if events.send("") == nil {
			events.run(ctx, changes, want)
		}
	})
}

// wanted is what a client asks of an event source.
type wanted struct {
	types      []string // nil: all
	closeAfter bool     // the first change
	ping       time.Duration
}

// parseEventSource reads the variables of eventSourceUrl. What is left out is all types,
// no end and no pings.
func parseEventSource(r *http.Request) (wanted, bool) {
	q := r.URL.Query()
	var want wanted
	if types := q.Get("types"); types != "" && types != "*" {
		want.types = strings.Split(types, ",")
	}
	switch q.Get("closeafter") {
	case "state":
		want.closeAfter = true
	case "", "no":
	default:
		return want, false
	}
	if ping := q.Get("ping"); ping != "" {
		n, err := strconv.ParseUint(ping, 10, 53)
		if err != nil {
			return want, false
		}
		if n > 0 {
			want.ping = time.Duration(min(max(n, minPing), maxPing)) * time.Second
		}
	}
	return want, true
}

// events is a stream of them.
type events struct {
	w     http.ResponseWriter
	flush *http.ResponseController
}

// run tells until ctx is done, the accounts close, or the client is satisfied or gone.
func (e *events) run(ctx context.Context, changes <-chan jmap.StateChange, want wanted) {
	var silence *time.Timer // since the last event
	var ping <-chan time.Time
	if want.ping > 0 {
		silence = time.NewTimer(want.ping)
		defer silence.Stop()
		ping = silence.C
	}
	for {
		var event string
		told := false
		select {
		case change, ok := <-changes:
			if !ok {
				return
			}
			if !only(&change, want.types) {
				continue
			}
			event = fmt.Sprintf("event: state\nid: %s\ndata: %s\n\n", change.PushState, mustJSON(map[string]any{"@type": "StateChange", "changed": change.Changed}))
			told = true
		case <-ping:
			event = fmt.Sprintf("event: ping\ndata: {\"interval\":%d}\n\n", int(want.ping.Seconds()))
		case <-ctx.Done():
			return
		}
		if e.send(event) != nil || told && want.closeAfter {
			return
		}
		if silence != nil {
			silence.Reset(want.ping)
		}
	}
}

// send sends text, or no more than the headers. A client that takes nothing is given up.
func (e *events) send(text string) error {
	if err := e.flush.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.flush.Flush()
}
