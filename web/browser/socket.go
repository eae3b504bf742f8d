package browser

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// callLimit is how long an answer is waited for. Long work is not done in one
	// request: what takes longer is lost.
	callLimit = 2 * time.Minute
	// pingEvery and pingLimit find out within 35 s that the other end is gone.
	pingEvery = 25 * time.Second
	pingLimit = 10 * time.Second
	// wakeLimit is for a device that comes back: a dead socket is found at once.
	wakeLimit = 2 * time.Second
	// dialLimit is how long a socket may take to open.
	dialLimit = 15 * time.Second

	firstPause = 500 * time.Millisecond
	longPause  = 30 * time.Second

	// maxBuffered is how many octets may wait in the browser: more is a network that
	// takes nothing.
	maxBuffered = 64 << 20
)

// Events tell what becomes of a Socket. They may come on any goroutine.
type Events struct {
	// Open says that requests get through.
	Open func()
	// Lost says that they do not, when the next attempt is made (zero: when the
	// network is back), and why, if that is known.
	Lost func(retryAt time.Time, err error)
	// SignedOut says that the bridge does not know the session any more. The socket
	// is closed for good.
	SignedOut func()
	// Changed passes on what the bridge pushes.
	Changed func(jmap.StateChange)
}

// Socket is the way to the bridge: a jmap.Caller over a WebSocket (RFC 8887) that
// opens itself again whenever it is lost.
type Socket struct {
	url    string
	events Events
	check  func(ctx context.Context) error
	ctx    context.Context //nolint:containedctx // the life of the socket, ended by Close
	cancel context.CancelFunc
	wake   chan struct{} // a device or network came back

	mu        sync.Mutex
	wire      wire                     // guarded by mu; nil while there is none
	waiting   map[string]chan<- answer // guarded by mu; by request id
	last      int                      // guarded by mu; number of the last request
	heard     time.Time                // guarded by mu; when a frame came last
	pushState string                   // guarded by mu
}

var _ jmap.Caller = (*Socket)(nil)

// wire is one WebSocket.
type wire interface {
	send(text string) error
	buffered() int
	close()
}

// wireEvents are what a wire tells; after closed nothing comes any more.
type wireEvents struct {
	open   func()
	frame  func(data []byte)
	closed func(code int)
}

// codeSignedOut is the close code by which the bridge ends a session.
const codeSignedOut = 4001

type answer struct {
	resp *jmap.Response
	err  error
}

// ErrSignedOut is what check returns when nobody is signed in.
var ErrSignedOut = errors.New("signed out")

// lostError is a request that got no answer.
type lostError struct{ notSent bool }

func (e *lostError) Error() string { return "the connection was lost" }

// NotSent reports whether nothing of the request has left this device.
func (e *lostError) NotSent() bool { return e.notSent }

// Dial keeps a socket to url open until Close. check asks the bridge by other means
// whether the session still stands, when a socket does not open: browsers do not
// say why.
func Dial(url string, check func(ctx context.Context) error, events Events) *Socket {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Socket{url: url, check: check, events: events, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1), waiting: make(map[string]chan<- answer)}
	forget := OnWake(s.Wake)
	go func() {
		defer forget()
		s.run()
	}()
	return s
}

// Wake has a lost socket tried again now, and an open one looked at.
func (s *Socket) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it is waking up already
	}
}

// Close closes the socket for good. Requests under way fail.
func (s *Socket) Close() { s.cancel() }

// Call sends a request and waits for its answer.
func (s *Socket) Call(ctx context.Context, req *jmap.Request) (*jmap.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	got := make(chan answer, 1)
	s.mu.Lock()
	s.last++
	id := strconv.Itoa(s.last)
	text, err := json.Marshal(jmap.Frame{Type: jmap.FrameRequest, RequestID: id, Request: req})
	switch {
	case err != nil:
	case s.wire == nil, s.wire.buffered() > maxBuffered, s.wire.send(string(text)) != nil:
		err = &lostError{notSent: true}
	default:
		s.waiting[id] = got
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case a := <-got:
		return a.resp, a.err
	case <-ctx.Done():
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
		return nil, &lostError{}
	}
}

// run opens one wire after the other.
func (s *Socket) run() {
	failures := 0
	for s.ctx.Err() == nil {
		opened, code := s.live()
		if s.ctx.Err() != nil {
			return
		}
		var why error
		switch {
		case code == codeSignedOut:
			why = ErrSignedOut
		case opened:
			failures = 0
		default:
			failures++
			why = s.ask()
		}
		if errors.Is(why, ErrSignedOut) {
			s.events.SignedOut()
			return
		}
		s.pause(failures, why)
	}
}

// ask finds out why a socket does not open.
func (s *Socket) ask() error {
	ctx, cancel := context.WithTimeout(s.ctx, dialLimit)
	defer cancel()
	return s.check(ctx)
}

// pause waits before the next attempt; a device that comes back cuts it short.
func (s *Socket) pause(failures int, why error) {
	wait := pauseAfter(failures)
	at := time.Now().Add(wait)
	if !Online() {
		wait, at = time.Hour, time.Time{}
	}
	s.events.Lost(at, why)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.wake:
	case <-s.ctx.Done():
	}
}

// pauseAfter grows twofold to longPause; half of it is luck, so that not all come
// back at once after the bridge was away.
func pauseAfter(failures int) time.Duration {
	wait := min(firstPause<<min(failures, 10), longPause)
	return wait/2 + rand.N(wait/2) //nolint:gosec // spreads attempts, keeps no secret
}

// live opens a wire and keeps it until it closes. It reports whether the wire was
// ever open, and its close code.
func (s *Socket) live() (opened bool, code int) {
	open, closed := make(chan struct{}, 1), make(chan int, 1)
	w := dial(s.url, wireEvents{
		open:   func() { open <- struct{}{} },
		frame:  s.frame,
		closed: func(code int) { closed <- code },
	})
	defer func() {
		w.close()
		s.drop()
	}()
	limit := time.NewTimer(dialLimit)
	defer limit.Stop()
	select {
	case <-open:
	case code = <-closed:
		return false, code
	case <-limit.C:
		return false, 0
	case <-s.ctx.Done():
		return false, 0
	}
	s.opened(w)
	s.events.Open()
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		alive := true
		select {
		case code = <-closed:
			return true, code
		case <-s.ctx.Done():
			return true, 0
		case <-tick.C:
			alive = s.quietFor() < pingEvery || s.ping(pingLimit)
		case <-s.wake:
			alive = s.ping(wakeLimit)
		}
		if !alive {
			return true, 0
		}
	}
}

// opened makes w the wire and asks for pushes since the last one.
func (s *Socket) opened(w wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wire, s.heard = w, time.Now()
	enable, err := json.Marshal(jmap.Frame{Type: jmap.FramePushEnable, PushEnable: &jmap.PushEnable{PushState: s.pushState}})
	if err == nil {
		_ = w.send(string(enable)) // a wire that takes nothing is found dead by the next ping
	}
}

// drop fails all that waits for the wire.
func (s *Socket) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wire = nil
	for id, got := range s.waiting {
		got <- answer{err: &lostError{}}
		delete(s.waiting, id)
	}
}

func (s *Socket) quietFor() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.heard)
}

// ping reports whether the bridge answers within limit. Pings of WebSockets are not
// for pages: an echo does (RFC 8620 §4).
func (s *Socket) ping(limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	_, err := s.Call(ctx, &jmap.Request{
		Using:       []string{jmap.CapabilityCore},
		MethodCalls: []jmap.Invocation{{Name: "Core/echo", CallID: "0"}},
	})
	var lost *lostError
	return !errors.As(err, &lost)
}

// frame takes what the bridge sends. What is no frame of RFC 8887 is left aside.
func (s *Socket) frame(data []byte) {
	s.mu.Lock()
	s.heard = time.Now()
	s.mu.Unlock()
	var f jmap.Frame
	if json.Unmarshal(data, &f) != nil {
		return
	}
	switch f.Type {
	case jmap.FrameResponse:
		s.answered(f.RequestID, answer{resp: f.Response})
	case jmap.FrameRequestError:
		s.answered(f.RequestID, answer{err: f.RequestError})
	case jmap.FrameStateChange:
		s.mu.Lock()
		s.pushState = f.StateChange.PushState
		s.mu.Unlock()
		s.events.Changed(*f.StateChange)
	}
}

func (s *Socket) answered(id string, a answer) {
	s.mu.Lock()
	got := s.waiting[id]
	delete(s.waiting, id)
	s.mu.Unlock()
	if got != nil {
		got <- a
	}
}
