package downstream

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"nhooyr.io/websocket"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// pingEvery finds out that a client is gone without having said so.
	pingEvery  = 25 * time.Second
	writeLimit = 30 * time.Second
	// requestLimit bounds one request; attachments are not part of it.
	requestLimit = 5 * time.Minute
)

// webSocket answers JMAP over a WebSocket (RFC 8887).
func (s *Server) webSocket(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		origin := r.Header.Get("Origin")
		// A browser sends our cookie for any site's page: the page must be ours. A
		// client with a password of its own is no browser.
		if m.session.ID != "" && !ownOrigin(r, origin) || origin != "" && !ownOrigin(r, origin) {
			problem(w, Problem{Status: http.StatusForbidden, Title: "This request came from another site."})
			return
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols:       []string{jmap.Subprotocol},
			CompressionMode:    websocket.CompressionDisabled, // a context each costs more memory than a session
			InsecureSkipVerify: true,                          // checked above, more strictly
		})
		if err != nil {
			return // Accept has answered
		}
		defer c.CloseNow()
		if c.Subprotocol() != jmap.Subprotocol {
			c.Close(websocket.StatusPolicyViolation, "the subprotocol must be jmap")
			return
		}
		c.SetReadLimit(-1) // receive has one of its own
		ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
		defer cancel()
		sock := &socket{s: s, c: c, slots: make(chan struct{}, limits.MaxConcurrentRequests), cancel: cancel, member: m}
		stop := context.AfterFunc(s.closing, func() { c.Close(websocket.StatusGoingAway, "the bridge is restarting") })
		defer stop()
		if m.session.ID != "" {
			revoked := s.cfg.House.Revoked(m.session.ID)
			go func() {
				select {
				case <-revoked:
					c.Close(4001, "signed out")
				case <-ctx.Done():
				}
			}()
		}
		go sock.keepAlive(ctx)
		sock.read(ctx)
		cancel()
		sock.work.Wait()
	})
}

// socket is one WebSocket at work. nhooyr's Conn may be written to by many
// goroutines.
type socket struct {
	s      *Server
	c      *websocket.Conn
	slots  chan struct{} // one for each request at work
	work   sync.WaitGroup
	cancel context.CancelFunc

	mu       sync.Mutex
	stopPush context.CancelFunc // guarded by mu; nil while push is off

	renewing sync.Mutex
	member   *member // guarded by renewing
}

// current is the member with their accounts as they are now.
func (k *socket) current(ctx context.Context) (*member, error) {
	k.renewing.Lock()
	defer k.renewing.Unlock()
	select {
	case <-k.member.session.Changed:
	default:
		return k.member, nil
	}
	session, err := k.s.cfg.House.Again(ctx, k.member.session)
	if err != nil {
		return nil, err
	}
	m, err := k.s.open(ctx, session)
	if err == nil {
		k.member = m
	}
	return m, err
}

// keepAlive closes a socket whose other end no longer answers.
func (k *socket) keepAlive(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		ping, cancel := context.WithTimeout(ctx, pingEvery)
		err := k.c.Ping(ping)
		cancel()
		if err != nil {
			k.cancel()
			return
		}
	}
}

// read takes frames until the socket closes. Requests run side by side; answers
// go out as they are ready (RFC 8887 §4.3.2).
func (k *socket) read(ctx context.Context) {
	for {
		kind, data, err := k.receive(ctx)
		if err != nil {
			return
		}
		if int64(len(data)) > limits.MaxSizeRequest {
			k.refuse(ctx, "", limited("maxSizeRequest", http.StatusBadRequest))
			k.c.Close(websocket.StatusMessageTooBig, "the frame is larger than maxSizeRequest")
			return
		}
		if kind != websocket.MessageText {
			k.refuse(ctx, "", refusal(jmap.ErrNotJSON, "frames are text"))
			continue
		}
		k.frame(ctx, data)
	}
}

// receive takes one message, of one that is too large no more than shows it.
func (k *socket) receive(ctx context.Context) (websocket.MessageType, []byte, error) {
	kind, r, err := k.c.Reader(ctx)
	if err != nil {
		return kind, nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, limits.MaxSizeRequest+1))
	return kind, data, err
}

// frame takes one frame.
func (k *socket) frame(ctx context.Context, data []byte) {
	var head struct {
		Type string `json:"@type"`
		ID   string `json:"id"`
	}
	if !isIJSON(data) {
		k.refuse(ctx, "", refusal(jmap.ErrNotJSON, "the frame is not I-JSON"))
		return
	}
	notRequest := refusal(jmap.ErrNotRequest, "not a frame of JMAP over WebSocket")
	if json.Unmarshal(data, &head) != nil {
		k.refuse(ctx, "", notRequest)
		return
	}
	switch head.Type {
	case jmap.FrameRequest:
		select {
		case k.slots <- struct{}{}:
		default:
			k.refuse(ctx, head.ID, limited("maxConcurrentRequests", http.StatusTooManyRequests))
			return
		}
		k.work.Go(func() {
			defer func() { <-k.slots }()
			k.request(ctx, head.ID, data)
		})
	case jmap.FramePushEnable:
		var enable jmap.PushEnable
		if json.Unmarshal(data, &enable) != nil {
			k.refuse(ctx, head.ID, notRequest)
			return
		}
		k.push(ctx, enable)
	case jmap.FramePushDisable:
		k.noPush()
	default:
		k.refuse(ctx, head.ID, notRequest)
	}
}

func (k *socket) request(ctx context.Context, id string, data []byte) {
	// Not for writing: a write whose context ends takes the whole socket with it.
	work, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			k.s.cfg.Log.ErrorContext(ctx, "request panicked", slog.Any("panic", v))
			k.refuse(ctx, id, &jmap.RequestError{Type: jmap.ErrNotRequest, Status: http.StatusInternalServerError, Detail: "something went wrong in the bridge"})
		}
	}()
	var resp *jmap.Response
	m, err := k.current(work)
	if err == nil {
		resp, err = k.s.call(work, m.mail, data)
	}
	var refused *jmap.RequestError
	switch {
	case errors.As(err, &refused):
		k.refuse(ctx, id, refused)
	case err != nil:
		k.refuse(ctx, id, &jmap.RequestError{Type: jmap.ErrNotRequest, Status: http.StatusServiceUnavailable, Detail: "the bridge cannot answer now"})
	default:
		k.write(ctx, jmap.Frame{Type: jmap.FrameResponse, RequestID: id, Response: resp})
	}
}

func (k *socket) refuse(ctx context.Context, id string, e *jmap.RequestError) {
	k.write(ctx, jmap.Frame{Type: jmap.FrameRequestError, RequestID: id, RequestError: e})
}

// write sends a frame; a socket that takes none is closed.
func (k *socket) write(ctx context.Context, f jmap.Frame) {
	data, err := json.Marshal(f)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, writeLimit)
		defer cancel()
		err = k.c.Write(ctx, websocket.MessageText, data)
	}
	if err != nil {
		k.cancel()
	}
}

// push begins to tell what changes (RFC 8887 §4.3.5.2).
func (k *socket) push(ctx context.Context, enable jmap.PushEnable) {
	k.noPush()
	pushing, cancel := context.WithCancel(ctx)
	k.mu.Lock()
	k.stopPush = cancel
	k.mu.Unlock()
	l := k.listen(pushing, enable.PushState) // from now on, not from when somebody gets round to it
	k.work.Go(func() {
		for since := enable.PushState; l != nil; l = k.listen(pushing, since) {
			if since = k.tell(l, since, enable.DataTypes); since == "" {
				return
			}
		}
	})
}

// everything is a pushState that no account has: whoever was there is told of all.
const everything = "everything"

// listening is to what becomes of the accounts there are now.
type listening struct {
	ctx     context.Context //nolint:containedctx // ends the listening
	cancel  context.CancelFunc
	changes <-chan jmap.StateChange
}

// listen listens from a pushState on, until ctx is done or the member's accounts are
// others; nil where that is not possible any more.
func (k *socket) listen(ctx context.Context, since string) *listening {
	if ctx.Err() != nil {
		return nil
	}
	m, err := k.current(ctx)
	if err != nil {
		k.c.Close(websocket.StatusGoingAway, "the accounts cannot be opened")
		return nil
	}
	l := &listening{}
	l.ctx, l.cancel = context.WithCancel(ctx)
	l.changes = m.mail.Listen(l.ctx, since)
	go func() {
		select {
		case <-m.session.Changed:
			l.cancel()
		case <-l.ctx.Done():
		}
	}()
	return l
}

// tell tells what is heard, and gives the pushState at its end, "" when there is nothing
// to go on from.
func (k *socket) tell(l *listening, since string, types []string) string {
	defer l.cancel()
	for change := range l.changes {
		since = change.PushState
		if only(&change, types) {
			k.write(context.WithoutCancel(l.ctx), jmap.Frame{Type: jmap.FrameStateChange, StateChange: &change})
		}
	}
	if l.ctx.Err() == nil {
		// An account was closed under us, and nothing of the member's has changed.
		k.c.Close(websocket.StatusGoingAway, "the account was restarted")
		return ""
	}
	return cmp.Or(since, everything)
}

func (k *socket) noPush() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopPush != nil {
		k.stopPush()
		k.stopPush = nil
	}
}

// only keeps the types that were asked for, nil for all; false when nothing is
// left.
func only(change *jmap.StateChange, types []string) bool {
	left := false
	for id, states := range change.Changed {
		kept := map[string]jmap.State{}
		for typ, state := range states {
			if types == nil || slices.Contains(types, typ) {
				kept[typ] = state
				left = true
			}
		}
		change.Changed[id] = kept
		if len(kept) == 0 {
			delete(change.Changed, id)
		}
	}
	return left
}
