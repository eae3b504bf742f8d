package imapstore

import (
	"context"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// loan says how a connection is lent.
type loan struct {
	mailbox    string // preferably one where this is selected; "" for any
	again      bool   // what is done may be done twice
	background bool   // nobody waits for it
}

// lend gives f a connection, the one where a mailbox is selected if there is such,
// and takes it back. ctx ending breaks the connection off, and so does Close.
func (s *Store) lend(ctx context.Context, l loan, f func(c *conn) error) error {
	if s.ctx.Err() != nil {
		return errClosed
	}
	if ctx.Err() != nil { // nothing has been asked of the server, and nothing will be
		return ctx.Err()
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)() //nolint:contextcheck // the Store ends it too
	if l.background {                        // one at a time: the other place is for what somebody waits for
		select {
		case s.behind <- struct{}{}:
			defer func() { <-s.behind }()
		case <-within.Done():
			return s.ended(ctx)
		}
	}
	select {
	case <-s.places:
		defer func() { s.places <- struct{}{} }()
	case <-within.Done():
		return s.ended(ctx)
	}
	for {
		idle, err := s.lendOne(within, l, f)
		if err != nil && within.Err() != nil {
			return s.ended(ctx)
		}
		if !l.again || !idle || upstream.KindOf(err) != upstream.KindLost {
			return err
		}
	}
}

// ended is why a call was broken off.
func (s *Store) ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errClosed
}

// lendOne gives f one connection; idle says that it had been lying idle.
func (s *Store) lendOne(ctx context.Context, l loan, f func(c *conn) error) (idle bool, err error) {
	c := s.take(ctx, l)
	if c == nil && !s.room() {
		c = s.wait(ctx)
	}
	idle = c != nil
	if c == nil {
		if c, err = s.connect(ctx); upstream.KindOf(err) == upstream.KindLimit {
			s.shrink()
			if c = s.wait(ctx); c != nil { // another caller's connection came back
				idle, err = true, nil
			}
		}
		if err == nil && !idle {
			if err = s.compress(ctx, c, l); err != nil {
				s.hangUp(c)
			}
		}
		if err != nil {
			return false, err
		}
	}
	c.background = l.background
	stop := context.AfterFunc(ctx, c.Close)
	if l.again {
		err = c.try(f)
	} else {
		c.used = nil
		err = f(c)
	}
	// What was sent and not waited for would be taken for the next loan's.
	if drained := c.Drain(); err == nil {
		err = drained
	}
	err = c.translate(err)
	if !stop() || broken(err) || c.Err() != nil {
		s.hangUp(c)
		return idle, err
	}
	if upstream.KindOf(err) == upstream.KindUnavailable {
		c.mailbox = "" // to be selected again: something is wrong with it
	}
	s.giveBack(c)
	return idle, err
}

// take gives an idle connection that is still there, nil when a new one is to be
// made.
func (s *Store) take(ctx context.Context, l loan) *conn {
	for {
		c := s.pop(l)
		if c == nil || c.usable(ctx, l) {
			return c
		}
		s.hangUp(c)
	}
}

// pop takes a connection out of those that lie idle, if it can one where the mailbox is
// selected. What nobody waits for leaves the others' connection alone while it can have
// one of its own.
func (s *Store) pop(l loan) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	room := s.open < maxConns && time.Now().After(s.full)
	best, at := 0, -1
	for i, c := range s.idle {
		worth := 1
		if c.background == l.background {
			worth += 4
		} else if l.background && room {
			continue
		}
		if c.mailbox == l.mailbox && l.mailbox != "" {
			worth += 2
		}
		if worth >= best {
			best, at = worth, i
		}
	}
	if at < 0 {
		return nil
	}
	c := s.idle[at]
	s.idle = slices.Delete(s.idle, at, at+1)
	return c
}

func (s *Store) giveBack(c *conn) {
	c.lastUsed = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		c.Close()
		s.open--
		return
	}
	s.idle = append(s.idle, c)
}

// yielding is how long the work of the other connection is waited for, see alone.
const yielding = 5 * time.Second

// alone lends a connection for what makes a mailbox go, while no other is at work: a server
// process that has the mailbox open, or opens it just then, may bring its folder back, or
// keep all others waiting for a lock (both seen in Dovecot 2.3). What is done is not done twice.
func (s *Store) alone(ctx context.Context, name string, f func(c *conn) error) error {
	select { // two that wait for each other's connection would wait for nothing
	case s.going <- struct{}{}:
		defer func() { <-s.going }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.doOnce(ctx, func(c *conn) error {
		if err := c.letGo(name); err != nil {
			return err
		}
		patience, cancel := context.WithTimeout(ctx, yielding)
		defer cancel()
		select {
		case <-s.places:
			defer func() { s.places <- struct{}{} }()
			s.othersLetGo(ctx, name)
		case <-patience.Done(): // rather in company than never
		}
		return f(c)
	})
}

// othersLetGo does what letGo does on the connections that lie idle.
func (s *Store) othersLetGo(ctx context.Context, name string) {
	var holding []*conn
	s.mu.Lock()
	s.idle = slices.DeleteFunc(s.idle, func(c *conn) bool {
		if c.mailbox == name {
			holding = append(holding, c)
		}
		return c.mailbox == name
	})
	s.mu.Unlock()
	for _, c := range holding {
		stop := context.AfterFunc(ctx, c.Close)
		err := c.letGo(name)
		if !stop() || err != nil {
			s.hangUp(c)
			continue
		}
		s.giveBack(c)
	}
}

// hangUp closes a connection that was lent or taken.
func (s *Store) hangUp(c *conn) {
	c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
}

// pause is how long a server that allowed no more connections is not asked for another
// while there is one.
const pause = time.Minute

func (s *Store) shrink() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = time.Now().Add(pause)
}

// room reports whether the server may allow another connection.
func (s *Store) room() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().After(s.full)
}

// wait waits for a connection to come back, when the server allows no more.
func (s *Store) wait(ctx context.Context) *conn {
	for range 50 {
		if len(s.places) == maxConns-1 { // ours is the only one lent: none will come back
			return s.take(ctx, loan{})
		}
		if c := s.take(ctx, loan{}); c != nil {
			return c
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil
		case <-s.ctx.Done():
			return nil
		}
	}
	return nil
}
