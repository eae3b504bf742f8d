package outbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"
)

// fileFor is how long filing what was sent is tried. The message counts as sent all
// the while.
const fileFor = 7 * 24 * time.Hour

// traceAfter is when the server's own copy of what was sent is looked for; of what
// was maybe sent, longer.
var traceAfter = []time.Duration{5 * time.Second, time.Minute, 10 * time.Minute, time.Hour}

// tracesOfSent is how often it is looked for when the message is known to be sent.
const tracesOfSent = 2

const notFiled = "it could not be filed"

// tidyDue does what is due after sending and says how long nothing else will be.
func (b *Box) tidyDue(ctx context.Context) time.Duration {
	// Traces first: what is found where our own copy still has to go proves most.
	return min(b.eachDue(ctx, b.traceNext), b.eachDue(ctx, b.fileNext))
}

// eachDue does one thing after the other, until the next is not due yet.
func (b *Box) eachDue(ctx context.Context, next func(context.Context) (time.Time, error)) time.Duration {
	for ctx.Err() == nil {
		due, err := next(ctx)
		switch {
		case errors.Is(err, ErrNotFound):
			return time.Hour
		case err != nil:
			b.logged(ctx, "outbox cannot be tidied", err)
			return time.Minute
		}
		if wait := time.Until(due); wait > 0 {
			return wait
		}
	}
	return time.Hour
}

// fileNext files, or gives back, the email that is due first. The time is when that
// is, if it is still to come.
func (b *Box) fileNext(ctx context.Context) (time.Time, error) {
	s, due, tries, err := b.rows.nextFiling(ctx)
	if err != nil || time.Until(due) > 0 {
		return due, err
	}
	if s.State == Failed {
		err = b.cfg.GiveBack(ctx, s, func() (io.ReadCloser, error) { return os.Open(b.file(s.ID)) })
	} else {
		err = b.cfg.File(ctx, s)
	}
	if err != nil && ctx.Err() != nil {
		return due, ctx.Err()
	}
	ctx = context.WithoutCancel(ctx) // what is done is recorded, also while closing
	problem := ""
	if err != nil {
		b.cfg.Log.InfoContext(ctx, "email not filed", slog.String("account", string(b.cfg.Account)), slog.Any("err", err))
		if time.Since(s.SendAt) < fileFor {
			return due, b.rows.fileAgain(ctx, s.ID, time.Now().Add(backoff(tries+1)))
		}
		problem = notFiled
	}
	if err := b.rows.filed(ctx, s.ID, problem); err != nil {
		return due, err
	}
	if s.State == Failed && problem == "" {
		b.logged(ctx, "refused message not removed", b.drop(s.ID))
	}
	b.cfg.Changed(s.ID)
	return due, nil
}

// traceNext looks for traces of the message for which it is due first. The time is
// when that is, if it is still to come.
func (b *Box) traceNext(ctx context.Context) (time.Time, error) {
	s, due, traces, err := b.rows.nextTrace(ctx)
	if err != nil || time.Until(due) > 0 {
		return due, err
	}
	found, err := b.cfg.Trace(ctx, s)
	if err != nil && ctx.Err() != nil {
		return due, ctx.Err()
	}
	ctx = context.WithoutCancel(ctx)
	b.logged(ctx, "traces of a message not looked for", err)
	most := tracesOfSent
	if s.State == MaybeSent {
		most = len(traceAfter)
	}
	var next time.Time
	if traces++; !found && traces < most {
		next = time.Now().Add(traceAfter[traces])
	}
	proven := found && s.State == MaybeSent
	if proven { // only a server that took it files it
		s.State, s.Problem = Sent, ""
	}
	if err := b.rows.traced(ctx, s, next); err != nil {
		return due, err
	}
	if proven {
		b.logged(ctx, "sent message not removed", b.drop(s.ID))
		b.cfg.Changed(s.ID)
	}
	return due, nil
}

// forgetOld forgets what nobody asks for any more.
func (b *Box) forgetOld(ctx context.Context) {
	ids, err := b.rows.old(ctx)
	for _, id := range ids {
		err = errors.Join(err, b.Remove(ctx, id))
	}
	b.logged(ctx, "old submissions not forgotten", err)
}
