package client

import (
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

var day = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

// TestEarly: the newest of a search are there while the rest is looked for, in a request
// of their own; then the whole replaces them.
func TestEarly(t *testing.T) {
	run(t, fill(300), func(x *app) {
		slow := make(chan struct{})
		x.server.Before = func(req *jmap.Request) error {
			first := req.MethodCalls[0]
			if first.Name == "Email/query" && !strings.Contains(string(first.Args), `"after"`) {
				<-slow
			}
			return nil
		}
		var l *store.List
		x.do(func() {
			l = x.account.List(store.Query{Text: "message", Filter: &jmap.EmailFilter{Text: "message"}})
			l.SetViewport(0, 9)
			x.client.Follow(l)
		})
		x.loop.Do(func() {
			if !l.Known() || !l.Early() || l.Total() != page || !l.Loading() {
				x.Errorf("known %v, early %v, %d rows, loading %v", l.Known(), l.Early(), l.Total(), l.Loading())
			}
			if id, ok := l.At(9); !ok || x.account.Email(id) == nil {
				x.Errorf("row 9 is %q", id)
			}
		})
		close(slow)
		x.settle()
		x.loop.Do(func() {
			if l.Early() || l.Total() != 300 || l.Loading() {
				x.Errorf("early %v, %d rows, loading %v", l.Early(), l.Total(), l.Loading())
			}
		})
	})
}

// TestEarlyIsNotAskedTwice: of a filter that says since when, the first look is the whole.
func TestEarlyIsNotAskedTwice(t *testing.T) {
	for f, want := range map[*jmap.EmailFilter]bool{
		{Text: "x"}:  false,
		{After: day}: true,
		{Operator: "AND", Conditions: []jmap.EmailFilter{{Text: "x"}, {After: day}}}: true,
		{Operator: "OR", Conditions: []jmap.EmailFilter{{Text: "x"}, {After: day}}}:  false,
		{Operator: "NOT", Conditions: []jmap.EmailFilter{{After: day}}}:              false,
	} {
		if bounded(f) != want {
			t.Errorf("%+v: %v", f, !want)
		}
	}
}
