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

// RFC 5321 §4.5.4.1: give up after four to five days.
const giveUpAfter = 5 * 24 * time.Hour

// retryAfter is how long to wait after each failed attempt; the last repeats.
var retryAfter = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour}

// backoff is how long to wait after the nth attempt, from 1.
func backoff(n int) time.Duration { return retryAfter[min(max(n, 1), len(retryAfter))-1] }

// run does what is due, each time it is woken or the time has come, until the box is
// closed.
func (b *Box) run(ctx context.Context, wake <-chan struct{}, due func(context.Context) time.Duration) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-wake:
		}
		timer.Reset(due(ctx))
	}
}

// sendDue sends all that is due and says how long nothing else will be.
func (b *Box) sendDue(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		s, err := b.rows.next(ctx)
		switch {
		case errors.Is(err, ErrNotFound):
			return time.Hour
		case err != nil:
			b.cfg.Log.ErrorContext(ctx, "outbox cannot be read", slog.Any("err", err))
			return time.Minute
		}
		if wait := time.Until(s.NextAt); wait > 0 {
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
	if err != nil && ctx.Err() != nil {
		return nil //nolint:nilerr // closing: recover decides at the next start
	}
	s.Attempts++
	s.Replies = map[string]upstream.Reply{}
	for i, r := range receipt.Replies {
		if i < len(s.Envelope.RcptTo) {
			s.Replies[s.Envelope.RcptTo[i].Email] = r
		}
	}
	s.State, s.Problem = Sent, ""
	if err != nil {
		s.State, s.NextAt = b.judge(ctx, s, err)
		s.Problem, s.Step = problem(err)
	}
	waiting := b.take(s.ID)
	b.record(ctx, s, s.State == Failed && waiting == nil)
	b.cfg.Changed(s.ID)
	if waiting != nil {
		waiting <- s
	}
	poke(b.tidy)
	return nil
}

// record writes down how an attempt ended, and does not go on before that is done:
// what was sent and not recorded could not be told from what was maybe sent.
func (b *Box) record(ctx context.Context, s Submission, giveBack bool) {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := b.rows.finish(context.WithoutCancel(ctx), s, giveBack)
		if err == nil {
			break
		}
		b.cfg.Log.ErrorContext(ctx, "outbox cannot be written", slog.Any("err", err))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
	if s.State == Sent || s.State == Failed && !giveBack {
		b.logged(ctx, "sent message not removed", b.drop(s.ID))
	}
}

func (b *Box) logged(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		b.cfg.Log.WarnContext(ctx, what, slog.String("account", string(b.cfg.Account)), slog.Any("err", err))
	}
}

// judge says what an attempt that ended in err leaves behind.
func (b *Box) judge(ctx context.Context, s Submission, err error) (State, time.Time) {
	var u *upstream.Error
	known := errors.As(err, &u) && (u.Temporary() || u.Kind == upstream.KindRefused || u.Kind == upstream.KindAuth)
	if !known { // did it end before the last octet?
		now, readErr := b.rows.get(ctx, s.ID)
		if upstream.KindOf(err) == upstream.KindMaybeSent || readErr != nil || now.State == Finishing {
			return MaybeSent, time.Time{}
		}
	}
	if !worthAnother(s, err) || time.Since(s.SendAt) > giveUpAfter {
		return Failed, time.Time{}
	}
	return Pending, time.Now().Add(backoff(s.Attempts)).Truncate(time.Second)
}

// worthAnother reports whether another attempt may go better. A refused password does
// not refuse the message: it waits for the new one. Nor does a full disk of ours. What
// is wrong with a server at the first attempt, its certificate say, is told at once;
// when it comes later, it may also pass.
func worthAnother(s Submission, err error) bool {
	var u *upstream.Error
	if !errors.As(err, &u) {
		return !errors.Is(err, os.ErrNotExist)
	}
	return u.Temporary() || u.Kind == upstream.KindAuth || s.Attempts > 1 && u.Kind != upstream.KindRefused
}

// problem is an error in words for the person; the server's are hostile until
// shown as text.
func problem(err error) (words, step string) {
	var u *upstream.Error
	if !errors.As(err, &u) {
		return "the message could not be read", ""
	}
	if u.Text == "" || u.Kind == upstream.KindCertificate {
		return u.Words(), u.Step
	}
	return fmt.Sprintf("%s: %s", u.Server, u.Text), u.Step
}

func (b *Box) send(ctx context.Context, s Submission) (upstream.Receipt, error) {
	f, err := os.Open(b.file(s.ID))
	if err != nil {
		return upstream.Receipt{}, err
	}
	defer f.Close()
	last := &lastOctet{r: f, left: s.Size, mark: func() error {
		ok, err := b.rows.move(ctx, s.ID, Sending, Finishing)
		if err == nil && !ok {
			err = ErrNotFound
		}
		return err
	}}
	params, err := ReadParameters(s.Envelope)
	if err != nil {
		return upstream.Receipt{}, err
	}
	return b.cfg.Sender.Send(ctx, upstream.Outgoing{
		From: s.Envelope.MailFrom.Email, To: s.Recipients(), DSN: params.DSN,
		Size: s.Size, EightBit: s.EightBit, Body: last,
	})
}

// lastOctet reads a message and records that it is about to be complete before
// it gives its last octet away.
type lastOctet struct {
	r      io.Reader
	left   int64
	mark   func() error
	marked bool
}

func (l *lastOctet) Read(p []byte) (int, error) {
	if !l.marked && int64(len(p)) >= l.left {
		if err := l.mark(); err != nil {
			return 0, err
		}
		l.marked = true
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
