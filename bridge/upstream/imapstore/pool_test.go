package imapstore

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// What one connection wrote, the other shows.
func TestConnectionsAgree(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{})
	user := fresh()
	srv.Deliver(t, user, "INBOX", []byte("Subject: one\r\n\r\nhello\r\n"))
	srv.Deliver(t, user, "INBOX", []byte("Subject: two\r\n\r\nhello\r\n"))
	s := open(t, srv, user, upstream.TLS)
	snap, err := s.Sync(t.Context(), "INBOX", upstream.Known{})
	if err != nil || snap.UIDs.Len() != 2 {
		t.Fatal(snap, err)
	}
	ref, uids := upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}, snap.UIDs.All()
	rows := func() []upstream.Row {
		t.Helper()
		got, err := s.Rows(t.Context(), ref, uids)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	// hold keeps a connection, so that f has to use the other.
	hold := func(f func()) {
		t.Helper()
		if err := s.in(t.Context(), ref, func(*conn) error { f(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	hold(func() { rows() }) // both have INBOX open now
	hold(func() {
		if _, err := s.SetKeywords(t.Context(), ref, uids[:1], []string{jmap.KeywordFlagged}, nil); err != nil {
			t.Fatal(err)
		}
	})
	check := func() {
		if got := rows(); len(got) != 2 || !got[0].Keywords[jmap.KeywordFlagged] {
			t.Errorf("%+v", got)
		}
	}
	check()
	hold(check)
	hold(func() {
		if err := s.Expunge(t.Context(), ref, uids[:1]); err != nil {
			t.Fatal(err)
		}
	})
	gone := func() {
		if _, err := s.Read(t.Context(), ref, uids[0], []upstream.Section{{}}); !errors.Is(err, upstream.ErrGone) {
			t.Error(err)
		}
		if found, err := s.Search(t.Context(), ref, nil, 0); err != nil || found.Len() != 1 {
			t.Error(found, err)
		}
	}
	gone()
	hold(gone)
}

// A mailbox is renamed when nothing else is at work: Dovecot 2.3 may keep both waiting.
func TestRenamingIsAlone(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{})
	s := open(t, srv, fresh(), upstream.TLS)
	if err := s.CreateMailbox(t.Context(), "Before", ""); err != nil {
		t.Fatal(err)
	}
	renamed := make(chan error, 1)
	if err := s.do(t.Context(), func(*conn) error {
		go func() { renamed <- s.RenameMailbox(t.Context(), "Before", "After") }()
		select {
		case err := <-renamed:
			t.Error("it was renamed beside other work", err)
			renamed <- err
		case <-time.After(300 * time.Millisecond):
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-renamed; err != nil {
		t.Error(err)
	}
}

// A server that allows one connection serves all callers, one after the other.
func TestServerWithRoomForOne(t *testing.T) {
	l := &liar{room: 1, answers: map[string]string{}}
	s := l.open(t)
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for range 5 {
				if _, err := s.Mailboxes(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	if l.connections() > 3 {
		t.Errorf("%d attempts", l.connections())
	}
}

// What nobody waits for leaves a connection to those who do.
func TestIndexingLeavesAConnectionFree(t *testing.T) {
	l := &liar{answers: map[string]string{"UID FETCH 1 (UID INTERNALDATE": sayNothing}}
	s := l.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() {
			_ = s.Index(ctx, inbox7, upstream.NewUIDSet(1), func([]upstream.Fact) error { return nil })
		})
	}
	for range 50 {
		if _, err := s.Mailboxes(t.Context()); err != nil {
			t.Error(err)
		}
	}
	cancel()
	work.Wait()
	if l.count("UID FETCH") > 3 || l.connections() > 4 {
		t.Errorf("%d connections\n%s", l.connections(), l.commands())
	}
}

// Dovecot knows a message by an id that its copies share.
func TestIdsOfDovecot(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{})
	user := fresh()
	srv.Deliver(t, user, "INBOX", []byte("Message-ID: <one@x.test>\r\nReferences: <a@x.test>\r\n <b@x.test>\r\n\r\nhello\r\n"))
	s := open(t, srv, user, upstream.TLS)
	fact := func(mailbox string) upstream.Fact {
		snap, err := s.Sync(t.Context(), mailbox, upstream.Known{})
		if err != nil {
			t.Fatal(err)
		}
		var out []upstream.Fact
		err = s.Index(t.Context(), upstream.MailboxRef{Name: mailbox, UIDValidity: snap.UIDValidity}, snap.UIDs, func(piece []upstream.Fact) error {
			out = append(out, piece...)
			return nil
		})
		if err != nil || len(out) != 1 {
			t.Fatal(out, err)
		}
		return out[0]
	}
	before := fact("INBOX")
	if before.ObjectID == "" || len(before.References) != 2 || len(before.MessageID) != 1 || before.ReceivedAt.IsZero() {
		t.Errorf("%+v", before)
	}
	snap, err := s.Sync(t.Context(), "INBOX", upstream.Known{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Move(t.Context(), upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}, snap.UIDs.All(), "Archive"); err != nil {
		t.Fatal(err)
	}
	if after := fact("Archive"); after.ObjectID != before.ObjectID {
		t.Errorf("%+v, before %+v", after, before)
	}
}

// A mailbox that is deleted is open on none of our connections: the one that lies idle
// lets go of it, too.
func TestADeletedMailboxIsOpenNowhere(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{})
	s := open(t, srv, fresh(), upstream.TLS)
	if err := s.CreateMailbox(t.Context(), "Gone", ""); err != nil {
		t.Fatal(err)
	}
	snap, err := s.Sync(t.Context(), "Gone", upstream.Known{})
	if err != nil {
		t.Fatal(err)
	}
	ref := upstream.MailboxRef{Name: "Gone", UIDValidity: snap.UIDValidity}
	err = s.in(t.Context(), ref, func(*conn) error {
		return s.in(t.Context(), ref, func(*conn) error { return nil }) // the other connection
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMailbox(t.Context(), "Gone"); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.idle {
		if c.mailbox == "Gone" {
			t.Error("a connection still has it open")
		}
	}
	if len(s.idle) != 2 {
		t.Errorf("%d connections are left", len(s.idle))
	}
}

// What was just filed is indexed at once, though another connection does that, which has
// the mailbox open from before.
func TestWhatWasJustFiledIsIndexed(t *testing.T) {
	s := open(t, dovecot.Start(t, dovecot.Options{}), fresh(), upstream.TLS)
	for range 20 {
		raw := "Subject: filed\r\nMessage-ID: <filed@hearth.test>\r\n\r\nhello\r\n"
		ref, uid, err := s.Append(t.Context(), "INBOX", upstream.NewMessage{Body: strings.NewReader(raw), Size: int64(len(raw))})
		if err != nil {
			t.Fatal(err)
		}
		var facts []upstream.Fact
		err = s.Index(t.Context(), ref, upstream.NewUIDSet(uid), func(piece []upstream.Fact) error {
			facts = append(facts, piece...)
			return nil
		})
		if err != nil || len(facts) != 1 {
			t.Errorf("message %d: %v %v", uid, facts, err)
		}
	}
}
