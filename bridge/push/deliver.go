package push

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// keptByService is how long a push service may keep a push for a device that is off
	// (RFC 8030 §5.2). A device that was off for longer asks by itself.
	keptByService = 24 * time.Hour
	// mostPatience bounds what a push service may have us wait.
	mostPatience = time.Hour
)

// states is what a push says: which types of which accounts changed, and to what.
type states map[jmap.Id]map[string]jmap.State

// merge takes over what later says.
func (s states) merge(later states) {
	for id, types := range later {
		if s[id] == nil {
			s[id] = map[string]jmap.State{}
		}
		maps.Copy(s[id], types)
	}
}

// only keeps the types that were asked for, nil for all.
func (s states) only(types []string) states {
	out := states{}
	for id, changed := range s {
		for typ, state := range changed {
			if types == nil || slices.Contains(types, typ) {
				out.merge(states{id: {typ: state}})
			}
		}
	}
	return out
}

// topic is the same for pushes about the same types: a push service that still has the
// earlier one then drops it (RFC 8030 §5.4), and nothing is missed.
func (s states) topic() string {
	var about []string
	for id, types := range s {
		for typ := range types {
			about = append(about, string(id)+"/"+typ)
		}
	}
	slices.Sort(about)
	sum := sha256.Sum256([]byte(strings.Join(about, " ")))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// delivery is what waits to be pushed to one subscription.
type delivery struct {
	waiting states // guarded by Service.mu
}

// deliver pushes a change, now or with what is on its way already.
func (s *Service) deliver(id jmap.Id, types []string, changed states) {
	changed = changed.only(types)
	if len(changed) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.deliveries[id]; d != nil {
		d.waiting.merge(changed)
		return
	}
	d := &delivery{waiting: changed}
	s.deliveries[id] = d
	s.work.Go(func() { s.run(id, d) })
}

// run pushes until nothing waits any more.
func (s *Service) run(id jmap.Id, d *delivery) {
	attempts := 0
	for {
		s.mu.Lock()
		next := d.waiting
		d.waiting = states{}
		if len(next) == 0 || s.ctx.Err() != nil || attempts > len(s.backoff) {
			delete(s.deliveries, id)
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		wait := s.pause
		if retry := s.push(id, next, attempts); retry > 0 {
			attempts++
			wait = retry
			s.mu.Lock()
			next.merge(d.waiting)
			d.waiting = next
			s.mu.Unlock()
		} else {
			attempts = 0
		}
		s.sleep(wait)
	}
}

func (s *Service) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// push makes one attempt. It gives how long to wait before the next, 0 when none is to be
// made: it was taken, or never will be.
func (s *Service) push(id jmap.Id, changed states, attempts int) time.Duration {
	sub, err := s.one(s.ctx, id)
	if err != nil || !sub.verified {
		return 0
	}
	if alive, err := s.alive(s.ctx, sub.credential); err != nil || !alive {
		return 0
	}
	body, err := json.Marshal(map[string]any{"@type": jmap.PushStateChange, "changed": changed})
	if err != nil {
		return 0 // maps of strings always marshal
	}
	return s.again(s.post(sub, body, changed.topic()), attempts)
}

// verify posts a new subscription's code to its URL.
func (s *Service) verify(sub *subscription) {
	body, err := json.Marshal(jmap.Verification{Type: jmap.PushVerification, PushSubscriptionId: sub.id, VerificationCode: sub.code})
	if err != nil {
		return // strings always marshal
	}
	s.work.Go(func() {
		for attempts := 0; s.ctx.Err() == nil && attempts <= len(s.backoff); attempts++ {
			if _, err := s.one(s.ctx, sub.id); err != nil {
				return
			}
			wait := s.again(s.post(sub, body, ""), attempts)
			if wait == 0 {
				return
			}
			s.sleep(wait)
		}
	})
}

// again is how long to wait after an attempt that failed, 0 for never.
func (s *Service) again(outcome error, attempts int) time.Duration {
	var later *laterError
	if !errors.As(outcome, &later) || attempts >= len(s.backoff) {
		return 0
	}
	return min(max(s.backoff[attempts], later.after), mostPatience)
}

// laterError: the push may be taken another time.
type laterError struct {
	after time.Duration
	err   error
}

func (e *laterError) Error() string { return "to be tried again: " + e.err.Error() }
func (e *laterError) Unwrap() error { return e.err }

var errRefused = errors.New("the push service refused")

// post sends a push message (RFC 8030 §5). A subscription the push service no longer
// knows is removed.
func (s *Service) post(sub *subscription, body []byte, topic string) error {
	req, err := s.request(sub, body, topic)
	if err != nil {
		s.cfg.Log.WarnContext(s.ctx, "push not made", slog.Any("err", err))
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		// The URL in the error is the device's own secret.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		s.cfg.Log.InfoContext(s.ctx, "push service not reached", slog.String("host", req.URL.Host), slog.Any("err", err))
		return &laterError{err: err}
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<10)) // nothing in it is of use
	switch code := resp.StatusCode; {
	case code < 300:
		return nil
	case code == http.StatusNotFound, code == http.StatusGone:
		_, err := s.remove(s.ctx, `id = ?`, sub.id)
		return errors.Join(errGone, err)
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= 500:
		return &laterError{after: retryAfter(resp.Header), err: errRefused}
	}
	s.cfg.Log.InfoContext(s.ctx, "push refused", slog.String("host", req.URL.Host), slog.Int("status", resp.StatusCode))
	return errRefused
}

// retryAfter is how many seconds a server asks to be left alone.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

func (s *Service) request(sub *subscription, body []byte, topic string) (*http.Request, error) {
	encrypted := sub.keys != (jmap.PushKeys{})
	if encrypted {
		to, err := parseKeys(sub.keys)
		if err != nil {
			return nil, err
		}
		if body, err = encrypt(body, to); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, sub.url, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the subscription's url cannot be read")
	}
	h := req.Header
	h.Set("Content-Type", "application/json") // RFC 8620 §7.2
	if encrypted {
		h.Set("Content-Encoding", "aes128gcm")
	}
	h.Set("TTL", strconv.Itoa(int(keptByService.Seconds())))
	h.Set("Urgency", "normal")
	if topic != "" {
		h.Set("Topic", topic)
	}
	signature, err := s.signer.authorization(req.URL, time.Now())
	if err != nil {
		return nil, err
	}
	h.Set("Authorization", signature)
	return req, nil
}
