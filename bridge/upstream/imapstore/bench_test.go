package imapstore

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
)

const many = 100_000

// BenchmarkStore measures what the bridge asks of a server with 100,000 messages in INBOX.
func BenchmarkStore(b *testing.B) {
	srv := dovecot.Start(b, dovecot.Options{Config: dovecot.Bulk})
	user := fresh()
	srv.Seed(b, user, "INBOX", many)
	s := open(b, srv, user, upstream.TLS)
	snap, err := s.Sync(b.Context(), "INBOX", upstream.Known{})
	if err != nil || snap.UIDs.Len() != many {
		b.Fatal(snap, err)
	}
	ref := upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}
	known := upstream.Known{UIDValidity: snap.UIDValidity, HighestModSeq: snap.HighestModSeq, UIDs: snap.UIDs}

	b.Run("Sync/afresh", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Sync(b.Context(), "INBOX", upstream.Known{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Sync/again", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Sync(b.Context(), "INBOX", known); err != nil {
				b.Fatal(err)
			}
		}
	})
	rows := func(b *testing.B) {
		from := rand.IntN(many - 50)
		uids := make([]uint32, 50)
		for i := range uids {
			uids[i] = snap.UIDs.At(from + i)
		}
		got, err := s.Rows(b.Context(), ref, uids)
		if err != nil || len(got) != 50 {
			b.Fatal(len(got), err)
		}
	}
	b.Run("Rows", func(b *testing.B) {
		for b.Loop() {
			rows(b)
		}
	})
	index := func(b *testing.B) {
		n := 0
		err := s.Index(b.Context(), ref, snap.UIDs, func(piece []upstream.Fact) error {
			n += len(piece)
			return nil
		})
		if err != nil || n != many {
			b.Error(n, err)
		}
	}
	b.Run("Index", func(b *testing.B) {
		for b.Loop() {
			index(b)
		}
		b.ReportMetric(float64(many)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	})
	b.Run("Rows/while-indexing", func(b *testing.B) {
		stop, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			for {
				select {
				case <-stop:
					return
				default:
					index(b)
				}
			}
		}()
		time.Sleep(100 * time.Millisecond) // it has begun
		for b.Loop() {
			rows(b)
		}
		close(stop)
		<-done
	})
}
