package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"nhooyr.io/websocket"
	"nhooyr.io/websocket/wsjson"
)

// bidi is a WebDriver BiDi session (https://w3c.github.io/webdriver-bidi/): commands that
// are answered by their number, and events. All may use it at once.
type bidi struct {
	conn  *websocket.Conn
	event func(method string, params json.RawMessage) // called in the order they come

	mu      sync.Mutex
	last    int                    // guarded by mu
	waiting map[int]chan<- message // guarded by mu; nil when the connection has ended
}

// message is anything that comes: an event has a method, an answer a number.
type message struct {
	Type    string          `json:"type"`
	ID      int             `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   string          `json:"error"`
	Message string          `json:"message"`
}

// dialBiDi begins a session; it ends with the connection.
func dialBiDi(ctx context.Context, url string, event func(method string, params json.RawMessage)) (*bidi, error) {
	conn, resp, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	if resp.Body != nil {
		_ = resp.Body.Close() // it is the connection
	}
	conn.SetReadLimit(64 << 20) // pictures
	b := &bidi{conn: conn, event: event, waiting: map[int]chan<- message{}}
	go b.read()
	_, err = b.call(ctx, "session.new", values{"capabilities": values{}})
	return b, err
}

// values is a JSON object.
type values map[string]any

func (b *bidi) read() {
	for {
		var m message
		if wsjson.Read(context.Background(), b.conn, &m) != nil {
			break
		}
		if m.Type == "event" {
			b.event(m.Method, m.Params)
			continue
		}
		b.mu.Lock()
		answered := b.waiting[m.ID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		if answered != nil {
			answered <- m
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, never := range b.waiting {
		close(never)
	}
	b.waiting = nil
}

// call gives the result of a command.
func (b *bidi) call(ctx context.Context, method string, params values) (json.RawMessage, error) {
	answer := make(chan message, 1)
	b.mu.Lock()
	if b.waiting == nil {
		b.mu.Unlock()
		return nil, fmt.Errorf("%s: the browser has gone", method)
	}
	b.last++
	id := b.last
	b.waiting[id] = answer
	b.mu.Unlock()
	// A write that was given up would end the connection, for everybody.
	if err := wsjson.Write(context.WithoutCancel(ctx), b.conn, values{"id": id, "method": method, "params": params}); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	select {
	case m, ok := <-answer:
		switch {
		case !ok:
			return nil, fmt.Errorf("%s: the browser has gone", method)
		case m.Type == "error":
			return nil, fmt.Errorf("%s: %s: %s", method, m.Error, m.Message)
		}
		return m.Result, nil
	case <-ctx.Done():
		b.mu.Lock()
		delete(b.waiting, id)
		b.mu.Unlock()
		return nil, fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// result is call with the result decoded.
func result[R any](ctx context.Context, b *bidi, method string, params values) (r R, err error) {
	raw, err := b.call(ctx, method, params)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(raw, &r)
}
