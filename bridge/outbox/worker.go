package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// run sends what is due, one after the other, until the box is closed.
func (b *Box) run(ctx context.Context) {
	defer close(b.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-b.wake:
		}
		wait := b.sendDue(ctx)
		timer.Reset(wait)
	}
}

// sendDue sends all that is due and says how long nothing else will be.
func (b *Box) sendDue(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		s, due, err := b.rows.next(ctx)
		switch {
		case errors.Is(err, ErrNotFound):
			return time.Hour
		case err != nil:
			b.cfg.Log.ErrorContext(ctx, "outbox cannot be read", slog.Any("err", err))
			return time.Minute
		}
		if wait := time.Until(due); wait > 0 {
			return wait
		}
		if err := b.attempt(ctx, s); err != nil {
			b.cfg.Log.ErrorContext(ctx, "outbox cannot be written", slog.Any("err", err))
			return time.Minute
		}
	}
	return time.Hour
}

// attempt tries to send one submission. The error is ours, not the server's:
// what the server said is in the submission.
func (b *Box) attempt(ctx context.Context, s Submission) error {
	if ok, err := b.rows.move(ctx, s.ID, Pending, Sending); err != nil || !ok {
		return err // canceled meanwhile
	}
	receipt, err := b.send(ctx, s)
	if ctx.Err() != nil {
		return ctx.Err() // closing: recover decides at the next start
	}
	s.Attempts++
	s.Replies = map[string]upstream.Reply{}
	for i, r := range receipt.Replies {
		if i < len(s.To) {
			s.Replies[s.To[i]] = r
		}
	}
	next := time.Now()
	s.State, s.Problem = Sent, ""
	if err != nil {
		s.State, next = b.judge(ctx, s, err)
		s.Problem = problem(err)
	}
	if err := b.rows.finish(ctx, s, next); err != nil {
		return err
	}
	if s.State.Done() && s.State != MaybeSent {
		if err := os.Remove(b.file(s.ID)); err != nil {
			b.cfg.Log.WarnContext(ctx, "sent message not removed", slog.Any("err", err))
		}
	}
	if s.State == Failed && s.Attempts > 1 {
		b.cfg.GaveUp(ctx, s)
	}
	b.settled(s)
	return nil
}

// judge says what an attempt that ended in err leaves behind.
func (b *Box) judge(ctx context.Context, s Submission, err error) (State, time.Time) {
	if upstream.KindOf(err) == upstream.KindMaybeSent {
		return MaybeSent, time.Time{}
	}
	var u *upstream.Error
	known := errors.As(err, &u) && (u.Temporary() || u.Kind == upstream.KindRefused || u.Kind == upstream.KindAuth)
	if !known {
		if now, err := b.rows.get(ctx, s.ID); err != nil || now.State == Finishing {
			return MaybeSent, time.Time{}
		}
	}
	// A refused password does not refuse the message: it waits for the new one.
	wait := known && (u.Temporary() || u.Kind == upstream.KindAuth)
	if !wait || time.Since(s.SendAt) > giveUpAfter {
		return Failed, time.Time{}
	}
	return Pending, time.Now().Add(retryAfter[min(s.Attempts-1, len(retryAfter)-1)])
}

// problem is an error in words for the person; the server's are hostile until
// shown as text.
func problem(err error) string {
	var u *upstream.Error
	if !errors.As(err, &u) {
		return "the message could not be read"
	}
	if u.Text == "" {
		return fmt.Sprintf("%s: %s while %s", u.Server, u.Kind, u.Step)
	}
	return fmt.Sprintf("%s: %s", u.Server, u.Text)
}

func (b *Box) send(ctx context.Context, s Submission) (upstream.Receipt, error) {
	b.mu.Lock()
	sender := b.sender
	b.mu.Unlock()
	f, err := os.Open(b.file(s.ID))
	if err != nil {
		return upstream.Receipt{}, err
	}
	defer f.Close()
	last := &lastOctet{r: f, left: s.Size, mark: func() error {
		_, err := b.rows.move(ctx, s.ID, Sending, Finishing)
		return err
	}}
	return sender.Send(ctx, upstream.Outgoing{From: s.From, To: s.To, Size: s.Size, Body: last})
}

// lastOctet reads a message and records that it is about to be complete before
// it gives its last octet away.
type lastOctet struct {
	r    io.Reader
	left int64
	mark func() error
}

func (l *lastOctet) Read(p []byte) (int, error) {
	if l.left > 0 && int64(len(p)) >= l.left {
		if err := l.mark(); err != nil {
			return 0, err
		}
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
