// Package outbox sends messages so that none is lost and none goes out twice.
//
// A submission is on disk, message and envelope, before anybody is told it was
// taken. One worker an account hands them to the submission server (worker.go). What
// it is about to do is recorded before it does it: once the message's last octet may
// have left, an attempt that ends without the server's answer is "maybe sent" and is
// never repeated by itself (RFC 1047). A second worker does what is left once the
// answer is there (filing.go): the email is filed as the client asked, traces of a
// message that was maybe sent are looked for, and what was refused for good after
// it had been taken is given back.
//
// It is used by the room method, which makes submissions, and by account, which
// opens a Box for each account. A Box works while its account does: what waits when
// the bridge stops goes on when the account is next opened, and that takes the
// member, whose password the bridge does not keep in the clear.
//
// November 2026: one refused recipient stops the message for all, and the answer
// names each. Who wants to send to the rest says so by an envelope without it.
package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// State is how far a submission got.
type State string

// States of a Submission.
const (
	Pending   State = "pending"   // waits for NextAt
	Sending   State = "sending"   // an attempt is under way; the last octet has not left
	Finishing State = "finishing" // the last octet may have left; the answer is not there
	Sent      State = "sent"      // the server took it
	MaybeSent State = "maybe"     // an attempt ended while finishing
	Failed    State = "failed"    // refused for good, or given up
	Canceled  State = "canceled"
)

// Done reports whether nothing more will be sent by itself.
func (s State) Done() bool {
	return s == Sent || s == MaybeSent || s == Failed || s == Canceled
}

// Submission is one message on its way out.
type Submission struct {
	ID        jmap.Id
	Email     jmap.Id
	Thread    jmap.Id
	Identity  jmap.Id
	MessageID string // the message's own, without angle brackets; "" where it has none
	Envelope  jmap.Envelope
	SendAt    time.Time
	// After is what is to be done with the email once it is sent, in words that
	// Config.File understands; nil: nothing, or it is done.
	After json.RawMessage
	// FileWhenSent says that nobody does what After says before the message is sent.
	FileWhenSent bool
	// Once says that the message is not taken while another with its MessageID was, or may
	// still be, sent: see TakenError.
	Once bool

	Size     int64 // octets, set by Submit
	EightBit bool  // some octets are over 127; set by Submit

	State    State
	NextAt   time.Time                 // of the next attempt, while Pending
	Replies  map[string]upstream.Reply // by recipient; of the last attempt
	Attempts int
	Problem  string // the last attempt's, in words; "" when there was none
	Step     string // where that attempt ended (see upstream.Error); only from SubmitAndWait
}

// Recipients is the addresses of RCPT TO.
func (s Submission) Recipients() []string {
	to := make([]string, len(s.Envelope.RcptTo))
	for i, r := range s.Envelope.RcptTo {
		to[i] = r.Email
	}
	return to
}

var (
	// ErrNotFound: there is no such submission.
	ErrNotFound = errors.New("no such submission")
	// ErrTooLate: it can no longer be canceled.
	ErrTooLate = errors.New("too late to cancel")
	// ErrUnderWay: it is still to be sent.
	ErrUnderWay = errors.New("the submission is under way")
)

// TakenError says that a message is on its way already, by another submission.
type TakenError struct{ ID jmap.Id }

func (e *TakenError) Error() string { return "the message was submitted already" }

// keepDone is how long a finished submission can be asked about.
const keepDone = 30 * 24 * time.Hour

// Config is what a Box needs.
type Config struct {
	DB      *sql.DB
	Dir     string // where messages wait; made when missing
	Account jmap.Id
	Sender  upstream.Sender
	Log     *slog.Logger

	// Created, Changed and Removed are told what became of submissions.
	Created, Changed, Removed func(jmap.Id)
	// File does what s.After says. An error means: try again later.
	File func(ctx context.Context, s Submission) error
	// Trace looks for a copy of a sent message that the server filed by itself; one of
	// ours beside it goes.
	Trace func(ctx context.Context, s Submission) (found bool, err error)
	// GiveBack brings a message that was taken, and then refused for good, to where it
	// can be edited. An error means: try again later.
	GiveBack func(ctx context.Context, s Submission, open func() (io.ReadCloser, error)) error
}

// Box is one account's outbox.
type Box struct {
	cfg    Config
	rows   rows
	wake   chan struct{}
	tidy   chan struct{}
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	waiting map[jmap.Id]chan Submission // guarded by mu
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
		tidy:    make(chan struct{}, 1),
		waiting: map[jmap.Id]chan Submission{},
	}
	recovered, err := b.rows.recover(ctx)
	if err != nil {
		return nil, err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.cancel = cancel
	b.work.Go(func() {
		for _, id := range recovered {
			cfg.Changed(id)
		}
		b.run(work, b.wake, b.sendDue)
	})
	b.work.Go(func() {
		b.forgetOld(work)
		b.run(work, b.tidy, b.tidyDue)
	})
	return b, nil
}

// Close stops the workers; an attempt under way is broken off.
func (b *Box) Close() {
	b.cancel()
	b.work.Wait()
}

func poke(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// Submit takes a message: when it returns without error, message and envelope
// are on disk and will be sent at s.SendAt. Body has CRLF line ends. Whoever
// submits a message with s.After does what it says, or tries to, and calls Filed; but
// not if it says FileWhenSent.
func (b *Box) Submit(ctx context.Context, s Submission, body io.Reader) (Submission, error) {
	err := b.spool(&s, body)
	if err != nil {
		return s, fmt.Errorf("keeping the message: %w", err)
	}
	s.State, s.NextAt = Pending, s.SendAt
	if err := b.rows.insert(ctx, s); err != nil {
		return s, errors.Join(err, os.Remove(b.file(s.ID)))
	}
	b.cfg.Created(s.ID)
	poke(b.wake)
	return s, nil
}

// Filed says whether what Submission.After says is done. What is not will be tried
// again once the message is sent.
func (b *Box) Filed(ctx context.Context, id jmap.Id, done bool) error {
	if done {
		return b.rows.filed(ctx, id, "")
	}
	err := b.rows.fileAgain(ctx, id, time.Now().Add(retryAfter[0]))
	poke(b.tidy)
	return err
}

// SubmitAndWait does what Submit does, and gives the submission once its first attempt
// is over, or as it is when patience ends. What it gives as Failed is not given back:
// the caller knows.
func (b *Box) SubmitAndWait(ctx context.Context, s Submission, body io.Reader, patience time.Duration) (Submission, error) {
	settled := make(chan Submission, 1)
	b.mu.Lock()
	b.waiting[s.ID] = settled
	b.mu.Unlock()
	s, err := b.Submit(ctx, s, body)
	if err != nil {
		b.take(s.ID)
		return s, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case s := <-settled:
		return s, nil
	case <-ctx.Done():
	}
	if b.take(s.ID) == nil {
		return <-settled, nil // it is being told
	}
	return b.Get(context.WithoutCancel(ctx), s.ID)
}

// Get gives one submission.
func (b *Box) Get(ctx context.Context, id jmap.Id) (Submission, error) { return b.rows.get(ctx, id) }

// List gives all submissions the bridge remembers, oldest first.
func (b *Box) List(ctx context.Context) ([]Submission, error) { return b.rows.list(ctx) }

// MaxSize is the largest message the server takes, in octets; 0: not known, or any.
func (b *Box) MaxSize() int64 {
	if s, ok := b.cfg.Sender.(interface{ MaxSize() int64 }); ok {
		return s.MaxSize()
	}
	return 0
}

// Busy reports whether anything is still to be done by itself.
func (b *Box) Busy(ctx context.Context) (bool, error) { return b.rows.busy(ctx) }

// Waiting counts what an account has yet to send, whether or not it runs.
func Waiting(ctx context.Context, db *sql.DB, account jmap.Id) (int, error) {
	var n int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM submission WHERE account = ? AND state IN (?, ?, ?)`, account, Pending, Sending, Finishing).Scan(&n)
	return n, err
}

// Wipe removes all that is kept of an account's submissions, in its dir too. Its Box must
// be closed.
func Wipe(ctx context.Context, db *sql.DB, dir string, account jmap.Id) error {
	_, err := db.ExecContext(ctx, `DELETE FROM submission WHERE account = ?`, account)
	return errors.Join(err, os.RemoveAll(dir))
}

// Cancel keeps a submission from being sent; ErrTooLate when it may have been, or
// is being sent at this moment.
func (b *Box) Cancel(ctx context.Context, id jmap.Id) error {
	s, err := b.rows.get(ctx, id)
	if err != nil {
		return err
	}
	ok, err := b.rows.cancel(ctx, id)
	if err != nil {
		return err
	}
	if !ok {
		return ErrTooLate
	}
	s.State = Canceled
	b.cfg.Changed(id)
	if waiting := b.take(id); waiting != nil {
		waiting <- s
	}
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
	return b.drop(id)
}

// take gives who waits for a submission, nil for nobody; nobody does any more.
func (b *Box) take(id jmap.Id) chan Submission {
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting := b.waiting[id]
	delete(b.waiting, id)
	return waiting
}
