package pop3store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream/pop3wire"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// firstBatch is about a page: what people see first is kept first.
	firstBatch = 50
	// A batch is kept at once, when it has so many messages, or octets, or is so old.
	maxBatch       = 300
	maxBatchOctets = 4 << 20
	maxBatchAge    = 2 * time.Second
	// longDownload is how many messages are worth telling people about.
	longDownload = 100
	// oldMail: what lay in the maildrop for so long when the account was new was read by
	// whatever program read it before.
	oldMail = 7 * 24 * time.Hour
)

// download downloads messages, newest first. What was read whole is kept also when the
// connection breaks.
func (s *Store) download(ctx context.Context, c *pop3wire.Conn, all []todo) error {
	s.tasks.mu.Lock()
	notNow := s.tasks.notNow
	s.tasks.mu.Unlock()
	all = slices.DeleteFunc(all, func(t todo) bool { return t.uid <= notNow })
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b todo) int { return cmp.Compare(b.uid, a.uid) })
	downloading, cancel := context.WithCancel(ctx)
	defer cancel()
	if len(all) > longDownload {
		s.begin(len(all), all[0].uid, cancel)
	}
	numbers := make([]int, len(all))
	for i, t := range all {
		numbers[i] = t.number
	}
	d := &downloader{s: s, ctx: ctx, most: firstBatch}
	next := 0
	err := c.Read(downloading, numbers, func(_ int, octets io.Reader, refused error) error {
		t := all[next]
		next++
		if refused != nil { // it is tried again in the next session
			s.cfg.Log.WarnContext(ctx, "the server does not give a message", slog.String("server", s.cfg.Server.Addr()), slog.Any("err", refused))
			return nil
		}
		return d.take(t, octets)
	})
	err = errors.Join(err, d.finish())
	if err != nil && downloading.Err() != nil && ctx.Err() == nil {
		return errCancelled
	}
	return err
}

// downloader puts messages into batches, and has one batch kept while the next is read.
type downloader struct {
	s      *Store
	ctx    context.Context
	batch  []*paper
	octets int64
	began  time.Time
	most   int
	kept   chan error // of the batch that is being kept; nil: there was none
}

func (d *downloader) take(t todo, octets io.Reader) error {
	p, err := d.s.receive(octets)
	if err != nil {
		d.s.discard(p)
		return err
	}
	now := time.Now()
	p.uid, p.uidl, p.listed = t.uid, t.uidl, t.size
	p.received = receivedAt(p.outline.Message().Header, now)
	if t.first && now.Sub(p.received) > oldMail {
		p.keywords = joinKeywords(map[string]bool{jmap.KeywordSeen: true})
	}
	if len(d.batch) == 0 {
		d.began = now
	}
	d.batch = append(d.batch, p)
	if d.octets += p.size; len(d.batch) >= d.most || d.octets > maxBatchOctets || now.Sub(d.began) > maxBatchAge {
		return d.flush()
	}
	return nil
}

// flush has the batch kept, once the one before it is.
func (d *downloader) flush() error {
	if err := d.wait(); err != nil {
		return err
	}
	batch, kept := d.batch, make(chan error, 1)
	d.batch, d.octets, d.kept, d.most = nil, 0, kept, maxBatch
	go func() { kept <- d.s.keep(d.ctx, batch) }()
	return nil
}

func (d *downloader) wait() error {
	if d.kept == nil {
		return nil
	}
	err := <-d.kept
	d.kept = nil
	return err
}

// finish keeps what is left.
func (d *downloader) finish() error {
	err := d.wait()
	if err == nil && len(d.batch) > 0 {
		return d.s.keep(d.ctx, d.batch)
	}
	for _, p := range d.batch {
		d.s.discard(p)
	}
	return err
}

// keep has downloaded messages on the disk for good, and in INBOX. One that is, to the last
// octet, a message which is no longer on the server under the name it had, is that one.
func (s *Store) keep(ctx context.Context, batch []*paper) (err error) {
	defer func() {
		if err != nil {
			for _, p := range batch {
				s.discard(p)
			}
		}
	}()
	if err := s.settle(batch); err != nil {
		return err
	}
	var had, came []*paper
	err = s.write(ctx, func(tx *sql.Tx) (func(), error) {
		inbox := s.boxes[0]
		for _, p := range batch {
			adopted, err := adopt(tx, p)
			if err != nil {
				return nil, err
			}
			if adopted {
				had = append(had, p)
				continue
			}
			came = append(came, p)
			if err := s.insert(tx, inbox, p); err != nil {
				return nil, err
			}
			_, err = tx.Exec(`INSERT OR REPLACE INTO taken (uidl, size, head, whole, there, content, at) VALUES (?, ?, ?, ?, TRUE, ?, ?)`,
				p.uidl, p.listed, p.head, p.whole, p.id, time.Now().Unix())
			if err != nil {
				return nil, err
			}
		}
		if len(came) == 0 {
			return nil, nil
		}
		_, touched, err := s.touch(tx, inbox, inbox.uidNext)
		return func() {
			inbox.take(came...)
			touched()
		}, err
	})
	if err != nil {
		return err
	}
	for _, p := range had {
		s.discard(p)
	}
	s.progress(len(batch))
	return nil
}

// adopt gives a message that was downloaded before the name it has now, if it is this one.
func adopt(tx *sql.Tx, p *paper) (bool, error) {
	var was string
	err := tx.QueryRow(`SELECT uidl FROM taken WHERE whole = ? AND NOT there ORDER BY uidl = ? DESC LIMIT 1`, p.whole, p.uidl).Scan(&was)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(`UPDATE OR REPLACE taken SET uidl = ?, size = ?, there = TRUE WHERE uidl = ?`, p.uidl, p.listed, was)
	return true, err
}
