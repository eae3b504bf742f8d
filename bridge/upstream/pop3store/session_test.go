package pop3store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// broken is one session that may break.
func broken(t testing.TB, s *Store) {
	t.Helper()
	_, _ = s.session(t.Context())
}

func TestNewestFirst(t *testing.T) {
	m := filled(150)
	m.fault = func(verb string, n int) string {
		if verb == "RETR" && n == 90 {
			return "cut"
		}
		return ""
	}
	s := m.store(t, nil)
	broken(t, s)
	same(t, "after a break", inbox(t, s, "INBOX"), upTo(150)[90:])
	m.change(func(m *maildrop) {
		m.fault = nil
		m.messages = append(m.messages, dropped{"u151", numbered(151)})
	})
	look(t, s)
	same(t, "all of it", inbox(t, s, "INBOX"), upTo(151))
	if m.retrs != 151+1 { // and one half
		t.Errorf("%d messages were downloaded, of 151", m.retrs)
	}
	snap, err := s.Sync(t.Context(), "INBOX", upstream.Known{})
	if err != nil || snap.Unread.Len() != 1 {
		t.Errorf("%d unread (%v): what lay there for long was read elsewhere, what came since was not", snap.Unread.Len(), err)
	}
	ref := upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}
	rows, err := s.Rows(t.Context(), ref, []uint32{snap.UIDs.At(0)})
	if err != nil || !rows[0].ReceivedAt.Equal(time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", rows, err)
	}
	got, err := s.Read(t.Context(), ref, snap.UIDs.At(0), []upstream.Section{{}})
	if err != nil || !bytes.Equal(got[0], numbered(1)) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestBreaks: wherever a session breaks, nothing is lost and nothing is there twice; and
// what was not ended by QUIT is still on the server.
func TestBreaks(t *testing.T) {
	for _, verb := range []string{"CAPA", "USER", "PASS", "LIST", "UIDL", "RETR", "DELE", "QUIT"} {
		for _, how := range []string{"drop", "cut", "-ERR [SYS/TEMP] later\r\n"} {
			t.Run(verb+" "+how, func(t *testing.T) {
				m := filled(8)
				s := m.store(t, func(c *Config) { c.Keep = upstream.Keep{Rule: upstream.KeepDays} })
				for n := range 8 { // each time a bit later
					seen := 0
					m.change(func(m *maildrop) {
						m.fault = func(v string, _ int) string {
							if v == verb {
								if seen++; seen > n {
									return how
								}
							}
							return ""
						}
					})
					broken(t, s)
					if all := append(m.left(), inbox(t, s, "INBOX")...); !subset(upTo(8), all) {
						t.Fatalf("lost: there are %q", all)
					}
				}
				m.change(func(m *maildrop) { m.fault = nil })
				look(t, s)
				same(t, "here", inbox(t, s, "INBOX"), upTo(8))
				same(t, "there", m.left(), nil)
			})
		}
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// TestNames: what servers do to UIDLs.
func TestNames(t *testing.T) {
	rename := func(m *maildrop) {
		for i := range m.messages {
			m.messages[i].uid = fmt.Sprintf("new%d", i)
		}
	}
	for _, c := range []struct {
		name          string
		prepare, then func(*maildrop)
		want          []string
		retrs         int // in the second session
	}{
		{"nothing happens", nil, func(*maildrop) {}, upTo(3), 0},
		{"all change", nil, rename, upTo(3), 0},
		{"all change, and headers cannot be had", func(m *maildrop) { m.noTOP = true }, rename, upTo(3), 3},
		{"there are none", func(m *maildrop) { m.noUIDL = true }, func(m *maildrop) {
			m.messages = append(m.messages[1:], dropped{"u4", numbered(4)})
		}, upTo(4), 1},
		{"there are none, nor headers", func(m *maildrop) { m.noUIDL, m.noTOP = true, true }, func(m *maildrop) {
			m.messages = append(m.messages[1:], dropped{"u4", numbered(4)})
		}, upTo(4), 4},
		{"there are none any more", nil, func(m *maildrop) { m.noUIDL = true }, upTo(3), 0},
		{"one is reused", nil, func(m *maildrop) { m.messages[1] = dropped{"u2", append(numbered(4), "more\r\n"...)} }, upTo(4), 1},
		{"one is reused after a while", nil, func(m *maildrop) {
			m.messages = slices.Delete(m.messages, 1, 2)
		}, upTo(3), 0},
		{"two are exchanged", nil, func(m *maildrop) {
			m.messages[0].uid, m.messages[2].uid = m.messages[2].uid, m.messages[0].uid
			m.messages[0].raw = append(m.messages[0].raw, "longer\r\n"...)
		}, []string{"1", "2", "3", "1"}, 1},
		{"two share one", func(m *maildrop) { m.messages[1].uid = "u1" }, func(*maildrop) {}, upTo(3), 0},
		{"the same octets twice", func(m *maildrop) { m.messages[1].raw = numbered(1) }, func(*maildrop) {}, []string{"1", "1", "3"}, 0},
		{"the server counts otherwise", nil, func(m *maildrop) {
			m.fault = func(verb string, _ int) string {
				if verb == "LIST" {
					return "+OK\r\n1 5\r\n2 5\r\n3 5\r\n.\r\n"
				}
				return ""
			}
		}, upTo(3), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := filled(3)
			if c.prepare != nil {
				c.prepare(m)
			}
			s := m.store(t, nil)
			look(t, s)
			before := m.retrs
			m.change(c.then)
			look(t, s)
			same(t, "here", inbox(t, s, "INBOX"), c.want)
			if got := m.retrs - before; got != c.retrs {
				t.Errorf("%d messages were downloaded, not %d", got, c.retrs)
			}
			look(t, s)
			same(t, "after one more session", inbox(t, s, "INBOX"), c.want)
		})
	}
}

// TestGlitch: a server that shows nothing for a while brings nothing back, neither twice
// nor from the dead; and a UIDL that it gives to another message then does.
func TestGlitch(t *testing.T) {
	m := filled(4)
	s := m.store(t, nil)
	look(t, s)
	snap, err := s.Sync(t.Context(), "INBOX", upstream.Known{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Expunge(t.Context(), upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}, []uint32{snap.UIDs.At(0)}); err != nil {
		t.Fatal(err)
	}
	was := m.messages
	m.change(func(m *maildrop) { m.messages = nil })
	look(t, s)
	same(t, "here", inbox(t, s, "INBOX"), []string{"2", "3", "4"})
	m.change(func(m *maildrop) {
		m.messages = slices.Clone(was)
		m.messages[3].raw = bytes.Replace(numbered(4), []byte("Subject: 4"), []byte("Subject: 5"), 1) // of the same size
	})
	look(t, s)
	same(t, "here, after", inbox(t, s, "INBOX"), []string{"2", "3", "4", "5"})
}

func TestRules(t *testing.T) {
	for rule, c := range map[upstream.Keep]struct{ after, days, trashed, gone []string }{
		{}:                                 {upTo(3), upTo(3), upTo(3), upTo(3)},
		{Rule: upstream.KeepForever}:       {upTo(3), upTo(3), upTo(3), upTo(3)},
		{Rule: upstream.KeepDays, Days: 3}: {upTo(3), nil, nil, nil},
		{Rule: upstream.KeepDays}:          {nil, nil, nil, nil},
		{Rule: upstream.KeepUntilDeleted}:  {upTo(3), upTo(3), []string{"2", "3"}, []string{"3"}},
	} {
		t.Run(fmt.Sprint(rule), func(t *testing.T) {
			m := filled(3)
			s := m.store(t, func(c *Config) { c.Keep = rule })
			look(t, s)
			look(t, s)
			same(t, "after", m.left(), c.after)
			if _, err := s.db.Exec(`UPDATE taken SET at = at - ?`, 3*24*3600); err != nil {
				t.Fatal(err)
			}
			look(t, s)
			same(t, "after three days", m.left(), c.days)
			snap, err := s.Sync(t.Context(), "INBOX", upstream.Known{})
			if err != nil {
				t.Fatal(err)
			}
			ref := upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}
			if _, err := s.Move(t.Context(), ref, []uint32{snap.UIDs.At(0)}, "Trash"); err != nil {
				t.Fatal(err)
			}
			look(t, s)
			same(t, "with one in Trash", m.left(), c.trashed)
			if err := s.Expunge(t.Context(), ref, []uint32{snap.UIDs.At(1)}); err != nil {
				t.Fatal(err)
			}
			look(t, s)
			same(t, "with one destroyed", m.left(), c.gone)
			same(t, "here", append(inbox(t, s, "INBOX"), inbox(t, s, "Trash")...), []string{"3", "1"})
		})
	}
}

// TestDamage: of what is not whole here the server's copy stays.
func TestDamage(t *testing.T) {
	m := filled(3)
	s := m.store(t, nil)
	look(t, s)
	if err := os.Truncate(s.path(2), 10); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.path(3)); err != nil {
		t.Fatal(err)
	}
	s.cfg.Keep = upstream.Keep{Rule: upstream.KeepDays}
	look(t, s)
	if left := m.left(); len(left) != 2 {
		t.Errorf("%q are left", left)
	}
}

// TestFolder: nobody else may read it, nothing is left of what is gone, and it opens again.
func TestFolder(t *testing.T) {
	m := filled(3)
	s := m.store(t, nil)
	look(t, s)
	count := func() (n int) {
		err := filepath.WalkDir(s.cfg.Dir, func(_ string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if info.Mode().Perm()&0o077 != 0 && d.Name() != filepath.Base(s.cfg.Dir) && !strings.HasPrefix(d.Name(), "hearthmail.db-") {
				t.Errorf("others may read %s", d.Name())
			}
			if !d.IsDir() && !strings.HasPrefix(d.Name(), "hearthmail") {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	snap, err := s.Sync(t.Context(), "INBOX", upstream.Known{})
	if err != nil {
		t.Fatal(err)
	}
	ref := upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}
	if _, err := s.Copy(t.Context(), ref, snap.UIDs.All(), "Archive"); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 3 {
		t.Errorf("%d files: copies do not share", n)
	}
	if err := s.Expunge(t.Context(), ref, snap.UIDs.All()[:2]); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMailbox(t.Context(), "Archive"); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 1 {
		t.Errorf("%d files of one message", n)
	}
	if err := os.WriteFile(s.path(1), []byte("left over"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := New(s.cfg)
	defer again.Close()
	if err := again.sweep(t.Context()); err != nil || count() != 1 {
		t.Errorf("%d files, %v", count(), err)
	}
	same(t, "opened again", inbox(t, again, "INBOX"), []string{"3"})
	look(t, again)
	same(t, "after a session", inbox(t, again, "INBOX"), []string{"3"})
	boxes, err := again.Mailboxes(t.Context())
	if err != nil || len(boxes) != 5 || boxes[0].Role != jmap.RoleInbox {
		t.Errorf("%+v, %v", boxes, err)
	}
}

// TestCancel: what was cancelled waits until somebody asks, and new mail does not.
func TestCancel(t *testing.T) {
	m := filled(300)
	reached := make(chan bool, 1)
	hold := make(chan bool)
	m.fault = func(verb string, n int) string {
		if verb == "RETR" && n == 120 {
			reached <- true
			<-hold
			return "drop"
		}
		return ""
	}
	s := m.store(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	events := s.Watch(ctx)
	go func() {
		for range events { // somebody listens
		}
	}()
	<-reached
	if tasks := s.Tasks(); len(tasks) != 1 || tasks[0].Total != 300 || tasks[0].Err != nil {
		t.Errorf("%+v", tasks)
	}
	if s.CancelTask("nonsense") || !s.CancelTask(taskDownload) {
		t.Error("cancelled something else, or nothing")
	}
	close(hold)
	m.change(func(m *maildrop) {
		m.fault = nil
		m.messages = append(m.messages, dropped{"u301", numbered(301)})
	})
	look(t, s) // waits for the session that is ending
	got := inbox(t, s, "INBOX")
	if len(got) >= 300 || !slices.Contains(got, "301") || len(s.Tasks()) != 0 {
		t.Errorf("%d messages, %+v", len(got), s.Tasks())
	}
	s.FetchNow()
	for deadline := time.Now().Add(30 * time.Second); len(inbox(t, s, "INBOX")) != 301; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d messages", len(inbox(t, s, "INBOX")))
		}
	}
	same(t, "all", inbox(t, s, "INBOX"), upTo(301))
}
