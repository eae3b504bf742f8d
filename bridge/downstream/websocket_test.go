package downstream_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// patience is how long a frame is waited for; it bounds a hang.
const patience = 20 * time.Second

// socket is a WebSocket to the bridge.
type socket struct{ *websocket.Conn }

// dial opens a WebSocket as our page does, after change had a look at the headers.
func (b *browser) dial(t *testing.T, change func(http.Header), protocols ...string) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	h := http.Header{"Origin": {b.URL}}
	if change != nil {
		change(h)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, resp, err := websocket.Dial(ctx, strings.Replace(b.URL, "http", "ws", 1)+"/jmap/ws", &websocket.DialOptions{HTTPClient: b.Client, HTTPHeader: h, Subprotocols: protocols})
	if err == nil {
		t.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, resp, err
}

func (b *browser) socket(t *testing.T, change func(http.Header)) socket {
	t.Helper()
	c, _, err := b.dial(t, change, jmap.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	return socket{c}
}

func (s socket) say(t *testing.T, text string) {
	t.Helper()
	if err := s.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func (s socket) hear(t *testing.T) jmap.Frame {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, data, err := s.Read(ctx)
	var f jmap.Frame
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return f
}

// closed waits until the other end closes.
func (s socket) closed(t *testing.T, within time.Duration) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	_, _, err := s.Read(ctx)
	return websocket.CloseStatus(err)
}

func TestSocketIsOurs(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	for name, change := range map[string]func(http.Header){
		"another site": func(h http.Header) { h.Set("Origin", "https://evil.test") },
		"null":         func(h http.Header) { h.Set("Origin", "null") },
		"none":         func(h http.Header) { h.Del("Origin") },
		"longer":       func(h http.Header) { h.Set("Origin", b.URL+".evil.test") },
	} {
		if _, resp, err := b.dial(t, change, jmap.Subprotocol); err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %s: %v", name, err)
		}
	}
	if _, resp, err := h.browser().dial(t, nil, jmap.Subprotocol); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody is signed in: %v", err)
	}
	if c, _, err := b.dial(t, nil); err != nil {
		t.Error(err)
	} else if status := (socket{c}).closed(t, patience); status != websocket.StatusPolicyViolation {
		t.Errorf("without the subprotocol: closed with %d", status)
	}
	// A client with a password of its own is no browser and has no origin.
	native := h.browser().socket(t, func(h http.Header) {
		h.Del("Origin")
		r := &http.Request{Header: h}
		r.SetBasicAuth("ada@hearth.test", secret)
	})
	native.say(t, `{"@type":"Request","using":[],"methodCalls":[]}`)
	if f := native.hear(t); f.Type != jmap.FrameResponse {
		t.Errorf("heard %+v", f)
	}
}

func TestSocketRequests(t *testing.T) {
	s := newHouse(t).signIn("ada@hearth.test").socket(t, nil)
	s.say(t, `{"@type":"Request","id":"R1","using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{"x":1},"c"]]}`)
	if f := s.hear(t); f.Type != jmap.FrameResponse || f.RequestID != "R1" || string(f.Response.MethodResponses[0].Args) != `{"x":1}` || f.Response.SessionState == "" {
		t.Errorf("heard %+v", f)
	}
	for text, want := range map[string]struct{ id, kind string }{
		`nonsense`:                     {"", jmap.ErrNotJSON},
		`[]`:                           {"", jmap.ErrNotRequest},
		`{"id":"R2"}`:                  {"R2", jmap.ErrNotRequest},
		`{"@type":"Other","id":"R3"}`:  {"R3", jmap.ErrNotRequest},
		`{"@type":5,"id":"R4"}`:        {"", jmap.ErrNotRequest},
		`{"@type":"Request","id":"R"}`: {"R", jmap.ErrNotRequest},
		`{"@type":"Request","id":"U","using":["urn:example:nothing"],"methodCalls":[]}`: {"U", jmap.ErrUnknownCapability},
		`{"@type":"WebSocketPushEnable","dataTypes":"Email"}`:                           {"", jmap.ErrNotRequest},
	} {
		s.say(t, text)
		if f := s.hear(t); f.Type != jmap.FrameRequestError || f.RequestID != want.id || f.RequestError.Type != want.kind {
			t.Errorf("%s: heard %+v %+v", text, f, f.RequestError)
		}
	}
	if err := s.Write(t.Context(), websocket.MessageBinary, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if f := s.hear(t); f.Type != jmap.FrameRequestError {
		t.Errorf("binary: heard %+v", f)
	}
	// What is too large is answered, and its end not waited for.
	if err := s.Write(t.Context(), websocket.MessageText, make([]byte, 10<<20+2)); err != nil {
		t.Fatal(err)
	}
	if f := s.hear(t); f.Type != jmap.FrameRequestError || f.RequestError.Limit != "maxSizeRequest" {
		t.Errorf("too large: heard %+v", f)
	}
	if status := s.closed(t, patience); status != websocket.StatusMessageTooBig {
		t.Errorf("too large: closed with %d", status)
	}
}

// TestSocketPush: a client that asked for it is told what changes, and after a break
// what it missed (RFC 8887 §4.3.5).
func TestSocketPush(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	id := b.account()
	b.newest(id) // opens INBOX
	s := b.socket(t, nil)
	s.say(t, `{"@type":"WebSocketPushEnable","dataTypes":["Email"]}`)
	s.say(t, `{"@type":"Request","id":"in order","using":[],"methodCalls":[]}`)
	if f := s.hear(t); f.RequestID != "in order" {
		t.Fatalf("heard %+v", f)
	}
	deliver := func() {
		h.mailOf("ada@hearth.test").Deliver([]byte("From: grace@hearth.test\r\nSubject: new\r\n\r\n"))
	}
	deliver()
	f := s.hear(t)
	if f.Type != jmap.FrameStateChange || f.StateChange.Changed[id]["Email"] == "" || len(f.StateChange.Changed[id]) != 1 || f.StateChange.PushState == "" {
		t.Fatalf("heard %+v", f.StateChange)
	}
	_ = s.CloseNow()
	deliver()
	s = b.socket(t, nil)
	s.say(t, `{"@type":"WebSocketPushEnable","dataTypes":null,"pushState":"`+f.StateChange.PushState+`"}`)
	if missed := s.hear(t); missed.Type != jmap.FrameStateChange || missed.StateChange.Changed[id]["Email"] == f.StateChange.Changed[id]["Email"] {
		t.Errorf("missed %+v", missed.StateChange)
	}
	s.say(t, `{"@type":"WebSocketPushDisable"}`)
	// Whoever cannot say where they were is told of everything.
	s = b.socket(t, nil)
	s.say(t, `{"@type":"WebSocketPushEnable","dataTypes":["Email","Mailbox"],"pushState":"nonsense"}`)
	if all := s.hear(t); all.Type != jmap.FrameStateChange || all.StateChange.Changed[id]["Email"] == "" || all.StateChange.Changed[id]["Mailbox"] == "" {
		t.Errorf("all is %+v", all.StateChange)
	}
	// After WebSocketPushDisable nothing is told any more (RFC 8887 §4.3.5.3).
	s.say(t, `{"@type":"WebSocketPushDisable"}`)
	s.say(t, `{"@type":"Request","id":"off","using":[],"methodCalls":[]}`)
	for f := s.hear(t); f.RequestID != "off"; f = s.hear(t) {
		// it was on its way
	}
	deliver()
	b.newest(id)
	s.say(t, `{"@type":"Request","id":"still off","using":[],"methodCalls":[]}`)
	if f := s.hear(t); f.RequestID != "still off" {
		t.Errorf("heard %+v", f)
	}
}

// TestEventSource tells the same to clients without a WebSocket (RFC 8620 §7.3).
func TestEventSource(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	b.newest(b.account())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/jmap/eventsource?types=Email&closeafter=state&ping=0", nil)
	resp, err := b.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
	// Whoever listens has had its headers; that it listens by now it does not say, so
	// mail comes until one is told of.
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var all []string
	for open := true; open; {
		select {
		case <-tick.C:
			h.mailOf("ada@hearth.test").Deliver([]byte("Subject: new\r\n\r\n"))
		case line, ok := <-lines:
			if open = ok; ok {
				all = append(all, line)
			}
		}
	}
	text := strings.Join(all, "\n")
	if !strings.HasPrefix(text, "event: state\nid: ") || !strings.Contains(text, `data: {"@type":"StateChange","changed":{"`+string(b.account())+`":{"Email":"`) || strings.Contains(text, "Mailbox") || strings.Count(text, "event:") != 1 {
		t.Errorf("heard\n%s", text)
	}
}
