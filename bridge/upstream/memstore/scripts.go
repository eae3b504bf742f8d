package memstore

import (
	"context"
	"slices"
	"sync"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// maxScript is what Scripts takes, in octets.
const maxScript = 10_000

// Scripts is an upstream.Scripts in memory. It takes any text for a script, if it is
// not too long. Extensions must not change once it is in use.
type Scripts struct {
	Extensions []string

	mu      sync.Mutex
	texts   map[string]string // guarded by mu
	active  string            // guarded by mu; "": none
	failure error             // guarded by mu; see Fail
}

var _ upstream.Scripts = (*Scripts)(nil)

// NewScripts makes a server that knows what an automatic reply is made of.
func NewScripts() *Scripts {
	return &Scripts{Extensions: []string{"vacation", "include", "date", "relational"}, texts: map[string]string{}}
}

// Fail has every call fail from now on, until it is told nil.
func (s *Scripts) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
}

func (s *Scripts) do(ctx context.Context, f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.failure != nil {
		return s.failure
	}
	return f()
}

func refused(kind upstream.Kind, step, code, text string) error {
	e := &upstream.Error{Kind: kind, Server: "memory", Step: step, Code: code, Text: text}
	if code == "NONEXISTENT" {
		e.Err = upstream.ErrNoScript
	}
	return e
}

// Offers is Extensions.
func (s *Scripts) Offers(ctx context.Context) (upstream.ScriptOffers, error) {
	return upstream.ScriptOffers{Extensions: s.Extensions}, s.do(ctx, func() error { return nil })
}

// List names the scripts, in order.
func (s *Scripts) List(ctx context.Context) (out []upstream.Script, err error) {
	err = s.do(ctx, func() error {
		for name := range s.texts {
			out = append(out, upstream.Script{Name: name, Active: name == s.active})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b upstream.Script) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out, err
}

// Get reads a script.
func (s *Scripts) Get(ctx context.Context, name string) (text string, err error) {
	err = s.do(ctx, func() error {
		var ok bool
		if text, ok = s.texts[name]; !ok {
			return refused(upstream.KindRefused, "reading a filter script", "NONEXISTENT", "there is no such script")
		}
		return nil
	})
	return text, err
}

// Put keeps a script.
func (s *Scripts) Put(ctx context.Context, name, text string) error {
	return s.do(ctx, func() error {
		if len(text) > maxScript {
			return refused(upstream.KindOverQuota, "keeping a filter script", "QUOTA/MAXSIZE", "the script is too long")
		}
		s.texts[name] = text
		return nil
	})
}

// SetActive has a script run, or none.
func (s *Scripts) SetActive(ctx context.Context, name string) error {
	return s.do(ctx, func() error {
		if _, ok := s.texts[name]; !ok && name != "" {
			return refused(upstream.KindRefused, "switching a filter script on", "NONEXISTENT", "there is no such script")
		}
		s.active = name
		return nil
	})
}

// Delete removes a script.
func (s *Scripts) Delete(ctx context.Context, name string) error {
	return s.do(ctx, func() error {
		if _, ok := s.texts[name]; !ok {
			return refused(upstream.KindRefused, "removing a filter script", "NONEXISTENT", "there is no such script")
		}
		if name == s.active {
			return refused(upstream.KindRefused, "removing a filter script", "ACTIVE", "the script is active")
		}
		delete(s.texts, name)
		return nil
	})
}

// Close does nothing: there is no connection.
func (s *Scripts) Close() error { return nil }
