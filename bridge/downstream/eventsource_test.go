package downstream

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestEventSourceVariables(t *testing.T) {
	for query, want := range map[string]struct {
		wanted
		ok bool
	}{
		"":                               {wanted{}, true},
		"types=*&closeafter=no&ping=0":   {wanted{}, true},
		"types=Email,Mailbox":            {wanted{types: []string{"Email", "Mailbox"}}, true},
		"types=Email&closeafter=state":   {wanted{types: []string{"Email"}, closeAfter: true}, true},
		"ping=1":                         {wanted{ping: minPing * time.Second}, true},
		"ping=60":                        {wanted{ping: time.Minute}, true},
		"ping=100000":                    {wanted{ping: maxPing * time.Second}, true},
		"closeafter=never":               {wanted{}, false},
		"ping=-1":                        {wanted{}, false},
		"ping=soon":                      {wanted{}, false},
		"types=*&closeafter=no&ping=1.5": {wanted{}, false},
	} {
		got, ok := parseEventSource(httptest.NewRequest(http.MethodGet, "/jmap/eventsource?"+query, nil))
		if ok != want.ok || ok && (!slices.Equal(got.types, want.types) || got.closeAfter != want.closeAfter || got.ping != want.ping) {
			t.Errorf("%s: %+v %v", query, got, ok)
		}
	}
}

// stream is a response that is written down.
type stream struct {
	bytes.Buffer
}

func (s *stream) Header() http.Header                { return http.Header{} }
func (s *stream) WriteHeader(int)                    {}
func (s *stream) FlushError() error                  { return nil }
func (s *stream) SetWriteDeadline(_ time.Time) error { return nil }

// TestPings come after silence, and say how long it was (RFC 8620 §7.3).
func TestPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(stream)
		changes := make(chan jmap.StateChange)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			(&events{w: w, flush: http.NewResponseController(w)}).run(ctx, changes, wanted{types: []string{"Email"}, ping: 10 * time.Second})
		}()
		time.Sleep(9 * time.Second)
		change := func(typ string) jmap.StateChange {
			return jmap.StateChange{PushState: "s", Changed: map[jmap.Id]map[string]jmap.State{"a": {typ: "1"}}}
		}
		changes <- change("Email")
		time.Sleep(9 * time.Second)
		changes <- change("Mailbox") // is not asked for, and breaks no silence
		time.Sleep(2 * time.Second)
		cancel()
		<-ended
		want := "event: state\nid: s\ndata: {\"@type\":\"StateChange\",\"changed\":{\"a\":{\"Email\":\"1\"}}}\n\nevent: ping\ndata: {\"interval\":10}\n\n"
		if w.String() != want {
			t.Errorf("sent\n%s", w.String())
		}
	})
}

// TestEventsAreLines: nothing in an event ends it early.
func TestEventsAreLines(t *testing.T) {
	w := new(stream)
	changes := make(chan jmap.StateChange, 1)
	changes <- jmap.StateChange{Changed: map[jmap.Id]map[string]jmap.State{"a\n": {"Email": "\n\n"}}}
	(&events{w: w, flush: http.NewResponseController(w)}).run(t.Context(), changes, wanted{closeAfter: true})
	if strings.Count(w.String(), "\n") != 4 {
		t.Errorf("sent\n%s", w.String())
	}
}
