package client

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// job is something to ask of the bridge, one or more calls that travel together.
type job struct {
	wire *wire
	// key tells jobs of which one waiting is enough, "" for none.
	key string
	// alone says that it travels in a request of its own, for the sake of its answer.
	alone bool
	// set says that it changes something: see wire.setting.
	set bool
	// build adds the calls and gives what to do with their answers. No calls: nothing is done.
	build func(b *batch) (done func(err error))
}

// batch is one request being built.
type batch struct {
	client  *Client
	calls   []jmap.Invocation
	answers []*pendingAnswer
	err     error
}

// pendingAnswer is a call whose answer is to come.
type pendingAnswer struct {
	id, name string
	decode   func(args json.RawMessage) error
	err      error
}

// answer is what a call brought: Value, or Err.
type answer[T any] struct {
	Value   T
	pending *pendingAnswer
}

// Err is the method's error, nil when Value holds.
func (a *answer[T]) Err() error { return a.pending.err }

// ask adds a call to the batch. The answer can be read when the job is done.
func ask[T any](b *batch, name string, args any) *answer[T] {
	b.client.nextCall++
	id := strconv.Itoa(b.client.nextCall)
	call, err := jmap.NewInvocation(name, args, id)
	if err != nil {
		b.err = err
	}
	a := new(answer[T])
	a.pending = also(b, id, name, &a.Value)
	b.calls = append(b.calls, call)
	return a
}

// also expects one more answer to call id (RFC 8621 §7.5: the Email/set that an
// EmailSubmission/set implies).
func also(b *batch, id, name string, into any) *pendingAnswer {
	p := &pendingAnswer{id: id, name: name, decode: func(args json.RawMessage) error { return json.Unmarshal(args, into) }}
	b.answers = append(b.answers, p)
	return p
}

// ref points into the answer of an earlier call of the same batch.
func (a *answer[T]) ref(path string) *jmap.ResultReference {
	return &jmap.ResultReference{ResultOf: a.pending.id, Name: a.pending.name, Path: path}
}

var errNoAnswer = errors.New("the bridge did not answer this call")

// decode finds the answers in a response. It runs on the request's goroutine.
func (b *batch) decode(r *jmap.Response) {
	for _, p := range b.answers {
		p.err = errNoAnswer
		for _, inv := range r.MethodResponses {
			if inv.CallID != p.id {
				continue
			}
			if inv.Name == "error" {
				p.err = jmap.AsMethodError(inv)
				break
			}
			if inv.Name == p.name {
				p.err = p.decode(inv.Args)
				break
			}
		}
	}
}

// enqueue has a job sent with the next request.
func (c *Client) enqueue(j *job) {
	if j.key != "" && slices.ContainsFunc(c.queue, func(o *job) bool { return o.key == j.key }) {
		return
	}
	c.queue = append(c.queue, j)
	c.flushSoon()
}

// flushSoon sends what waits after the present turn of the loop.
func (c *Client) flushSoon() {
	if !c.flushing {
		c.flushing = true
		c.onLoop(func() {
			c.flushing = false
			c.flush()
		})
	}
}

// flush sends what waits and may go, in order, one request after the other.
func (c *Client) flush() {
	for c.online && !c.doubtful && c.requests < c.limits.MaxConcurrentRequests {
		b := &batch{client: c}
		var dones []func(error)
		var setting []*wire
		var wait []*job
		var sent *job
		for _, j := range c.queue {
			if j.alone && len(b.calls) > 0 || len(dones) > 0 && sent.alone || j.set && j.wire.setting && !slices.Contains(setting, j.wire) || len(b.calls) > 0 && len(b.calls)+callsOfAJob > c.limits.MaxCallsInRequest {
				wait = append(wait, j)
				continue
			}
			n := len(b.calls)
			done := j.build(b)
			if len(b.calls) == n {
				continue
			}
			dones, sent = append(dones, done), j
			if j.set && !j.wire.setting {
				j.wire.setting = true
				setting = append(setting, j.wire)
			}
		}
		c.queue = wait
		if len(dones) == 0 {
			return
		}
		c.send(b, func(err error) {
			for _, w := range setting {
				w.setting = false
			}
			for _, done := range dones {
				done(err)
			}
			for _, w := range setting {
				c.syncIfWanted(w)
			}
		})
	}
}

// callsOfAJob is how many calls a job may have: a request without room for them
// takes no further one.
const callsOfAJob = 8

// send sends a batch; done runs on the UI loop.
func (c *Client) send(b *batch, done func(error)) {
	c.requests++
	if b.err != nil {
		c.onLoop(func() {
			c.requests--
			done(b.err)
		})
		return
	}
	req := &jmap.Request{Using: c.using, MethodCalls: b.calls}
	go func() {
		resp, err := c.caller.Call(c.ctx, req)
		if err == nil {
			b.decode(resp)
		}
		c.onLoop(func() {
			c.requests--
			if lost(err) {
				c.failed()
			} else {
				c.failures = 0
			}
			done(err)
			if err == nil {
				c.sawSession(resp.SessionState)
			}
			c.flush()
			c.rest()
		})
	}()
}

// lost reports whether err means that no answer came, as opposed to a refusal.
func lost(err error) bool {
	var refused *jmap.RequestError
	return err != nil && !errors.As(err, &refused)
}

// notSent reports whether the transport knows that nothing left this device.
func notSent(err error) bool {
	var e interface{ NotSent() bool }
	return errors.As(err, &e) && e.NotSent()
}

// failed sends nothing for a while, and looks again then in case the connection
// holds all the same: else Connected will.
func (c *Client) failed() {
	c.failures++
	c.doubtful = true
	c.later(min(time.Second<<min(c.failures-1, 6), time.Minute), func() {
		if c.online {
			c.resync()
		}
	})
}

// unmarshalEmail reads the email of a /set answer.
func unmarshalEmail(raw json.RawMessage) (e jmap.Email, err error) {
	if len(raw) == 0 {
		return e, errNoAnswer
	}
	err = json.Unmarshal(raw, &e)
	return e, err
}
