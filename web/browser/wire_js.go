package browser

import (
	"errors"
	"syscall/js"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// jsWire is a WebSocket of the browser.
type jsWire struct {
	socket  js.Value
	release func()
}

func dial(url string, events wireEvents) wire {
	w := &jsWire{socket: js.Global().Get("WebSocket").New(url, jmap.Subprotocol)}
	open := listen(w.socket, "open", func(js.Value) { events.open() })
	message := listen(w.socket, "message", func(e js.Value) {
		if data := e.Get("data"); data.Type() == js.TypeString {
			events.frame([]byte(data.String()))
		}
	})
	closed := listen(w.socket, "close", func(e js.Value) { events.closed(e.Get("code").Int()) })
	w.release = func() { open(); message(); closed() }
	return w
}

func (w *jsWire) send(text string) (err error) {
	defer func() {
		if recover() != nil { // not open
			err = errors.New("the socket is closed")
		}
	}()
	if w.socket.Get("readyState").Int() != 1 {
		return errors.New("the socket is not open")
	}
	w.socket.Call("send", text)
	return nil
}

func (w *jsWire) buffered() int { return w.socket.Get("bufferedAmount").Int() }

func (w *jsWire) close() {
	w.release()
	w.socket.Call("close")
}
