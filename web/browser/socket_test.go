//go:build !js

package browser

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// bridge is the other end of a socket: each frame is given to answer, what that
// returns is sent back.
type bridge struct {
	*httptest.Server
	answer func(f jmap.Frame) *jmap.Frame

	mu    sync.Mutex
	conns []*websocket.Conn // guarded by mu
}

func newBridge(t *testing.T, answer func(f jmap.Frame) *jmap.Frame) *bridge {
	b := &bridge{answer: answer}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock() // a client that is let in is one that drop finds
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{jmap.Subprotocol}})
		if err != nil {
			b.mu.Unlock()
			return
		}
		defer c.CloseNow()
		b.conns = append(b.conns, c)
		b.mu.Unlock()
		for {
			_, data, err := c.Read(r.Context())
			if err != nil {
				return
			}
			var f jmap.Frame
			if err := json.Unmarshal(data, &f); err != nil {
				t.Errorf("a frame that is none: %s", data)
			}
			if out := b.answer(f); out != nil {
				b.send(t, c, *out)
			}
		}
	}))
	t.Cleanup(func() {
		b.drop(websocket.StatusGoingAway)
		b.Close()
	})
	return b
}

func (b *bridge) send(t *testing.T, c *websocket.Conn, f jmap.Frame) {
	data, err := json.Marshal(f)
	if err != nil {
		t.Error(err)
	}
	_ = c.Write(context.Background(), websocket.MessageText, data)
}

// drop closes all sockets.
func (b *bridge) drop(code websocket.StatusCode) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.conns {
		_ = c.Close(code, "")
	}
	b.conns = nil
}

func (b *bridge) socketURL() string { return "ws" + strings.TrimPrefix(b.URL, "http") }

// echo answers requests with themselves.
func echo(f jmap.Frame) *jmap.Frame {
	if f.Type != jmap.FrameRequest {
		return nil
	}
	return &jmap.Frame{Type: jmap.FrameResponse, RequestID: f.RequestID, Response: &jmap.Response{MethodResponses: f.Request.MethodCalls}}
}

type log struct {
	open, lost, signedOut chan error
	changed               chan jmap.StateChange
}

func open(t *testing.T, b *bridge, check error) (*Socket, *log) {
	t.Helper()
	l := &log{make(chan error, 100), make(chan error, 100), make(chan error, 1), make(chan jmap.StateChange, 10)}
	s := Dial(b.socketURL(), func(context.Context) error { return check }, Events{
		Open:      func() { l.open <- nil },
		Lost:      func(_ time.Time, err error) { l.lost <- err },
		SignedOut: func() { l.signedOut <- nil },
		Changed:   func(c jmap.StateChange) { l.changed <- c },
	})
	t.Cleanup(s.Close)
	return s, l
}

// next waits for what a channel brings.
func next[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("waited in vain for: " + what)
	}
	return v
}

func request(name string) *jmap.Request {
	return &jmap.Request{Using: []string{jmap.CapabilityCore}, MethodCalls: []jmap.Invocation{{Name: name, CallID: "c"}}}
}

func TestCallsAreAnsweredEachWithItsOwn(t *testing.T) {
	s, l := open(t, newBridge(t, echo), nil)
	next(t, "open", l.open)
	var work sync.WaitGroup
	for _, name := range []string{"A/get", "B/get", "C/get", "D/get"} {
		work.Go(func() {
			for range 20 {
				resp, err := s.Call(t.Context(), request(name))
				if err != nil || resp.MethodResponses[0].Name != name {
					t.Errorf("%s: %v, %v", name, resp, err)
				}
			}
		})
	}
	work.Wait()
}

func TestRequestErrorIsTheCallers(t *testing.T) {
	s, l := open(t, newBridge(t, func(f jmap.Frame) *jmap.Frame {
		if f.Type != jmap.FrameRequest {
			return nil
		}
		return &jmap.Frame{Type: jmap.FrameRequestError, RequestID: f.RequestID, RequestError: &jmap.RequestError{Type: jmap.ErrLimit, Status: 400}}
	}), nil)
	next(t, "open", l.open)
	_, err := s.Call(t.Context(), request("Core/echo"))
	var refused *jmap.RequestError
	if !errors.As(err, &refused) || refused.Type != jmap.ErrLimit {
		t.Errorf("got %v", err)
	}
}

// TestLostSocketOpensAgain: what was under way fails as lost, and not as never sent;
// then requests get through again, and pushes go on from where they were.
func TestLostSocketOpensAgain(t *testing.T) {
	var pushed atomic.Value
	var b *bridge
	arrived := make(chan bool, 1)
	b = newBridge(t, func(f jmap.Frame) *jmap.Frame {
		switch {
		case f.Type == jmap.FramePushEnable:
			pushed.Store(f.PushEnable.PushState)
			return &jmap.Frame{Type: jmap.FrameStateChange, StateChange: &jmap.StateChange{PushState: "p1"}}
		case f.Type == jmap.FrameRequest && f.Request.MethodCalls[0].Name == "Slow/get":
			arrived <- true
			return nil
		}
		return echo(f)
	})
	s, l := open(t, b, nil)
	next(t, "open", l.open)
	next(t, "a push", l.changed)
	failed := make(chan error, 1)
	go func() {
		_, err := s.Call(t.Context(), request("Slow/get"))
		failed <- err
	}()
	next(t, "the request", arrived)
	b.drop(websocket.StatusGoingAway)
	var lost interface{ NotSent() bool }
	if err := next(t, "the failure", failed); !errors.As(err, &lost) || lost.NotSent() {
		t.Errorf("got %v", err)
	}
	if err := next(t, "lost", l.lost); err != nil {
		t.Errorf("lost because of %v", err)
	}
	if _, err := s.Call(t.Context(), request("A/get")); !errors.As(err, &lost) || !lost.NotSent() {
		// It may be open again already; then it must have been answered.
		if err != nil {
			t.Errorf("between: %v", err)
		}
	}
	next(t, "open again", l.open)
	if _, err := s.Call(t.Context(), request("A/get")); err != nil {
		t.Error(err)
	}
	next(t, "a push again", l.changed)
	if pushed.Load() != "p1" {
		t.Errorf("pushes go on from %q", pushed.Load())
	}
}

func TestSignedOutEndsIt(t *testing.T) {
	b := newBridge(t, echo)
	_, l := open(t, b, nil)
	next(t, "open", l.open)
	b.drop(codeSignedOut)
	next(t, "signed out", l.signedOut)

	// A browser does not say why a socket was refused: the check does.
	refusing := newBridge(t, echo)
	refusing.Close()
	_, l = open(t, refusing, ErrSignedOut)
	next(t, "signed out by the check", l.signedOut)
}

func TestWakeCutsThePauseShort(t *testing.T) {
	b := newBridge(t, echo)
	s, l := open(t, b, nil)
	next(t, "open", l.open)
	b.drop(websocket.StatusGoingAway)
	next(t, "lost", l.lost)
	s.Wake()
	next(t, "open again", l.open)
}

func TestPausesGrowAndDiffer(t *testing.T) {
	seen := map[time.Duration]bool{}
	for failures := range 40 {
		p := pauseAfter(failures)
		if p < firstPause/2 || p > longPause {
			t.Errorf("after %d failures: %v", failures, p)
		}
		if failures > 10 && p < longPause/2 {
			t.Errorf("after %d failures only %v", failures, p)
		}
		seen[p] = true
	}
	if len(seen) < 20 {
		t.Error("pauses are much alike")
	}
}

func TestRefusal(t *testing.T) {
	for body, want := range map[string]string{
		`{"title":"Too many.","retryAfter":3,"field":"password"}`: "Too many.",
		`<html>`: "The bridge answered with error 502.",
		`{}`:     "The bridge answered with error 502.",
	} {
		var p *Problem
		if err := refusal(502, body); !errors.As(err, &p) || p.Title != want || p.Status != 502 {
			t.Errorf("%s: %+v", body, err)
		}
	}
}
