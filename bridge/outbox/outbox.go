// Package outbox sends messages so that none is lost and none goes out twice.
//
// A submission is on disk, message and envelope, before anybody is told it was
// taken. One worker an account hands them to the submission server. What it is
// about to do is recorded before it does it: once the message's last octet may
// have left, an attempt that ends without the server's answer is "maybe sent"
// and is never repeated by itself (RFC 1047).
//
// It is used by the room method, which makes submissions, and by account, which
// opens a Box for each account.
package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// State is how far a submission got.
type State string

// States of a Submission.
const (
	Pending   State = "pending"   // waits for SendAt, or for the next attempt
	Sending   State = "sending"   // an attempt is under way; the last octet has not left
	Finishing State = "finishing" // the last octet may have left; the answer is not there
	Sent      State = "sent"      // the server took it
	MaybeSent State = "maybe"     // an attempt ended while finishing
	Failed    State = "failed"    // refused for good, or given up
	Canceled  State = "canceled"
)

// Done reports whether nothing more will happen by itself.
func (s State) Done() bool {
	return s == Sent || s == MaybeSent || s == Failed || s == Canceled
}

// Submission is one message on its way out.
type Submission struct {
	ID       jmap.Id
	Email    jmap.Id
	Thread   jmap.Id
	Identity jmap.Id
	From     string   // addr-spec of MAIL FROM
	To       []string // addr-specs of RCPT TO
	Size     int64    // octets, set by Submit
	SendAt   time.Time

	State    State
	Replies  map[string]upstream.Reply // by recipient; of the last attempt
	Attempts int
	Problem  string // the last attempt's, in words; "" when there was none
}

var (
	// ErrNotFound: there is no such submission.
	ErrNotFound = errors.New("no such submission")
	// ErrTooLate: it can no longer be canceled.
	ErrTooLate = errors.New("too late to cancel")
	// ErrUnderWay: it is still to be sent.
	ErrUnderWay = errors.New("the submission is under way")
)

const (
	// RFC 5321 §4.5.4.1: give up after four to five days.
	giveUpAfter = 5 * 24 * time.Hour
	keepDone    = 30 * 24 * time.Hour // how long a finished submission can be asked about
)

// retryAfter is how long to wait after each failed attempt; the last repeats.
var retryAfter = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour}

// Config is what a Box needs.
type Config struct {
	DB      *sql.DB
	Dir     string // where messages wait; made when missing
	Account jmap.Id
	Sender  upstream.Sender
	// Changed is called when a submission is new (Pending, no Attempts), and after
	// each change of its state.
	Changed func(Submission)
	// Removed is called when a submission was forgotten.
	Removed func(jmap.Id)
	// GaveUp is called when a submission that had been taken failed for good.
	GaveUp func(context.Context, Submission)
	Log    *slog.Logger
}

// Box is one account's outbox.
type Box struct {
	cfg    Config
	rows   rows
	wake   chan struct{}
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	sender  upstream.Sender                 // guarded by mu
	waiting map[jmap.Id][]chan<- Submission // guarded by mu
}

// Open starts an account's outbox. What was finishing when the bridge died is
// now maybe sent; what was sending is tried again.
func Open(ctx context.Context, cfg Config) (*Box, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	b := &Box{
		cfg:     cfg,
		rows:    rows{cfg.DB, cfg.Account},
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		sender:  cfg.Sender,
		waiting: map[jmap.Id][]chan<- Submission{},
	}
	if err := b.rows.recover(ctx); err != nil {
		return nil, err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.cancel = cancel
	go b.run(work)
	return b, nil
}

// Close stops the worker; an attempt under way is broken off.
func (b *Box) Close() {
	b.cancel()
	<-b.done
}

// SetSender is called when the account's settings or password changed.
func (b *Box) SetSender(s upstream.Sender) {
	b.mu.Lock()
	b.sender = s
	b.mu.Unlock()
	b.poke()
}

func (b *Box) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Submit takes a message: when it returns without error, message and envelope
// are on disk and will be sent at s.SendAt. Body has CRLF line ends.
func (b *Box) Submit(ctx context.Context, s Submission, body io.Reader) (Submission, error) {
	size, err := b.spool(s.ID, body)
	if err != nil {
		return s, fmt.Errorf("keeping the message: %w", err)
	}
	s.Size, s.State = size, Pending
	if err := b.rows.insert(ctx, s); err != nil {
		return s, errors.Join(err, os.Remove(b.file(s.ID)))
	}
	b.cfg.Changed(s)
	b.poke()
	return s, nil
}

// Wait gives the submission once its first attempt is over, or as it is when ctx
// is done.
func (b *Box) Wait(ctx context.Context, id jmap.Id) (Submission, error) {
	settled := make(chan Submission, 1)
	b.mu.Lock()
	b.waiting[id] = append(b.waiting[id], settled)
	b.mu.Unlock()
	defer b.forget(id, settled)
	if s, err := b.Get(ctx, id); err != nil || s.State.Done() || s.Attempts > 0 && s.State == Pending {
		return s, err
	}
	select {
	case s := <-settled:
		return s, nil
	case <-ctx.Done():
		return b.Get(context.WithoutCancel(ctx), id)
	}
}

func (b *Box) forget(id jmap.Id, settled chan<- Submission) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[id] = slices.DeleteFunc(b.waiting[id], func(c chan<- Submission) bool { return c == settled }); len(b.waiting[id]) == 0 {
		delete(b.waiting, id)
	}
}

// Get gives one submission.
func (b *Box) Get(ctx context.Context, id jmap.Id) (Submission, error) { return b.rows.get(ctx, id) }

// List gives all submissions the bridge remembers, oldest first.
func (b *Box) List(ctx context.Context) ([]Submission, error) { return b.rows.list(ctx) }

// Cancel keeps a submission from being sent; ErrTooLate when it may have been.
func (b *Box) Cancel(ctx context.Context, id jmap.Id) error {
	s, err := b.rows.get(ctx, id)
	if err != nil {
		return err
	}
	ok, err := b.rows.move(ctx, id, Pending, Canceled)
	if err != nil {
		return err
	}
	if !ok {
		return ErrTooLate
	}
	s.State = Canceled
	b.settled(s)
	return os.Remove(b.file(id))
}

// Remove forgets a submission of which nothing more will come, else it is ErrUnderWay.
func (b *Box) Remove(ctx context.Context, id jmap.Id) error {
	s, err := b.rows.get(ctx, id)
	if err != nil {
		return err
	}
	if !s.State.Done() {
		return ErrUnderWay
	}
	if err := b.rows.remove(ctx, id); err != nil {
		return err
	}
	b.cfg.Removed(id)
	if err := os.Remove(b.file(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // only of what was maybe sent there is a message left
	}
	return nil
}

// settled tells everybody about a submission's new state.
func (b *Box) settled(s Submission) {
	b.mu.Lock()
	waiting := b.waiting[s.ID]
	delete(b.waiting, s.ID)
	b.mu.Unlock()
	b.cfg.Changed(s)
	for _, w := range waiting {
		w <- s
	}
}

func (b *Box) file(id jmap.Id) string { return filepath.Join(b.cfg.Dir, string(id)+".eml") }

// spool writes the message so that it is there after a power cut.
func (b *Box) spool(id jmap.Id, body io.Reader) (int64, error) {
	f, err := os.OpenFile(b.file(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(f, body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(f.Name()))
	}
	return size, nil
}
