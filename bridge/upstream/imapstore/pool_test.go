package imapstore

import (
	"errors"
	"testing"

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
		if found, err := s.Search(t.Context(), ref, nil); err != nil || found.Len() != 1 {
			t.Error(found, err)
		}
	}
	gone()
	hold(gone)
}
