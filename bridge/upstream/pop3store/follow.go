package pop3store

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/pop3wire"
)

// firstRetry is how long after a failure the server is looked at again; each time it
// fails the wait is twice as long, up to Config.Poll.
const firstRetry = 10 * time.Second

// follow looks at the server until ctx ends: at once, then from time to time and whenever
// somebody asks. One session at a time: the server locks the maildrop for it.
func (s *Store) follow(ctx context.Context) {
	if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "files of mail not swept", slog.Any("err", err))
	}
	retry, lost := firstRetry, false
	for {
		began := time.Now()
		delay, err := s.session(ctx)
		if ctx.Err() != nil {
			return
		}
		wait := max(s.cfg.Poll, delay)
		switch {
		case errors.Is(err, errCancelled):
			s.end(nil)
		case err == nil:
			s.end(nil)
			if lost {
				s.listeners.Tell(upstream.Event{Online: true})
			}
			retry, lost = firstRetry, false
		default:
			s.end(err)
			s.listeners.Tell(upstream.Event{Err: err})
			lost = true
			if upstream.KindOf(err) == upstream.KindAuth {
				<-ctx.Done() // no more attempts, or the account would be locked
				return
			}
			wait, retry = min(retry, wait), 2*retry
		}
		select {
		case <-time.After(wait):
		case <-s.wake:
			// The server wants to be left alone (RFC 2449 §6.5).
			select {
			case <-time.After(time.Until(began.Add(delay))):
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// errCancelled: somebody cancelled the download.
var errCancelled = errors.New("the download was cancelled")

// session looks at the server once: what is new is downloaded, what the rule says is
// deleted. delay is how long it wants to be left alone.
func (s *Store) session(ctx context.Context) (delay time.Duration, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if _, err := s.open(ctx); err != nil {
		return 0, err
	}
	c, err := pop3wire.Open(ctx, s.wire())
	if err != nil {
		return 0, err
	}
	// What is not ended by QUIT deletes nothing (RFC 1939 §6).
	defer c.Close()
	delay = c.LoginDelay()
	listed, err := c.List(ctx)
	if err != nil {
		return delay, err
	}
	keys, err := keysOf(ctx, c, listed)
	if err != nil {
		return delay, err
	}
	todo, err := s.compare(ctx, c, listed, keys)
	if err != nil {
		return delay, err
	}
	if err := s.download(ctx, c, todo); err != nil {
		return delay, err
	}
	if err := s.expire(ctx, c, listed, keys); err != nil {
		return delay, err
	}
	return delay, c.Quit(ctx)
}

// sweep removes files that belong to no message: of what was under way when the bridge
// last stopped.
func (s *Store) sweep(ctx context.Context) error {
	db, err := s.open(ctx)
	if err != nil {
		return err
	}
	kept := map[int64]bool{}
	found, err := db.QueryContext(ctx, `SELECT id FROM content`)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var id int64
		if err := found.Scan(&id); err != nil {
			return err
		}
		kept[id] = true
	}
	if err := found.Err(); err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(s.cfg.Dir, mailDir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		id, err := strconv.ParseInt(d.Name(), 10, 64)
		if err != nil || id > s.before || kept[id] {
			return nil //nolint:nilerr // no file of ours
		}
		return os.Remove(path) //nolint:gosec // nobody else may write there
	})
}
