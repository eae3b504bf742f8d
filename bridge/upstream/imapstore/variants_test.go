package imapstore

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/storetest"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// What Dovecot says it can do, without some of it. imap_capability changes only
// what is advertised, after signing in too.
const capabilities = "IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+ NAMESPACE UIDPLUS MOVE LIST-EXTENDED LIST-STATUS ESEARCH CONDSTORE QRESYNC NOTIFY PREVIEW SPECIAL-USE SORT SORT=DISPLAY"

func without(gone ...string) string {
	kept := slices.DeleteFunc(strings.Fields(capabilities), func(name string) bool { return slices.Contains(gone, name) })
	return "imap_capability = " + strings.Join(kept, " ") + "\n"
}

// compressing has Dovecot offer COMPRESS=DEFLATE, and a quota.
const compressing = `
mail_plugins = $mail_plugins zlib quota
protocol imap {
  mail_plugins = $mail_plugins imap_zlib imap_quota
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=100M
  quota_rule2 = *:messages=1000
}
`

// Servers that differ in what decides how things are done each pass the whole suite.
func TestStore(t *testing.T) {
	for name, v := range map[string]struct {
		config   string
		security upstream.Security
	}{
		"all that Dovecot can": {"", upstream.TLS},
		"compressed":           {compressing, upstream.TLS},
		"CONDSTORE":            {without("QRESYNC", "NOTIFY", "PREVIEW", "MOVE", "SORT"), upstream.STARTTLS},
		"RFC 3501 and UIDPLUS": {without("QRESYNC", "NOTIFY", "CONDSTORE", "LIST-STATUS", "PREVIEW", "ENABLE", "MOVE"), upstream.TLS},
		"RFC 3501": {without("QRESYNC", "NOTIFY", "CONDSTORE", "LIST-STATUS", "PREVIEW", "ENABLE", "MOVE", "UIDPLUS", "LIST-EXTENDED",
			"ESEARCH", "SPECIAL-USE", "SORT", "SORT=DISPLAY", "LITERAL+", "IDLE", "NAMESPACE", "ID", "SASL-IR"), upstream.STARTTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := dovecot.Start(t, dovecot.Options{Config: v.config})
			storetest.Run(t, func(t *testing.T) storetest.Account { return account(t, srv, v.security) })
		})
	}
}

// Each capability alone can be missing.
func TestWithoutOneCapability(t *testing.T) {
	for _, gone := range []string{"", "MOVE", "UIDPLUS", "ESEARCH", "SORT", "SPECIAL-USE", "LITERAL+", "IDLE", "CONDSTORE", "QRESYNC", "NOTIFY", "NAMESPACE", "LIST-EXTENDED", "LIST-STATUS", "PREVIEW", "ID", "ENABLE"} {
		t.Run("without "+gone, func(t *testing.T) {
			if gone != "" {
				t.Parallel()
			}
			srv := dovecot.Start(t, dovecot.Options{Config: without(gone)})
			everyday(t, open(t, srv, fresh(), upstream.None))
		})
	}
}

// everyday does what a day brings.
func everyday(t *testing.T, s *Store) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	all, err := s.Mailboxes(ctx)
	must(err)
	if len(all) != 6 || all[0].Name != "INBOX" || !slices.ContainsFunc(all, func(m upstream.Mailbox) bool { return m.Name == "Archive" && m.Role == jmap.RoleArchive }) {
		t.Errorf("%+v", all)
	}
	must(s.CreateMailbox(ctx, "Größe", ""))
	_, err = s.Quotas(ctx)
	if err == nil {
		t.Error("there is no quota")
	}
	for _, subject := range []string{"b", "ä", "c"} {
		raw := "Message-ID: <" + subject + "@x.test>\r\nSubject: " + subject + "\r\nFrom: x@x.test\r\n\r\nhello\r\n"
		ref, uid, err := s.Append(ctx, "Größe", upstream.NewMessage{Body: strings.NewReader(raw), Size: int64(len(raw)), ReceivedAt: time.Now()})
		if err != nil || uid == 0 || ref.UIDValidity == 0 {
			t.Fatal(ref, uid, err)
		}
	}
	snap, err := s.Sync(ctx, "Größe", upstream.Known{})
	must(err)
	ref, uids := upstream.MailboxRef{Name: "Größe", UIDValidity: snap.UIDValidity}, snap.UIDs.All()
	if len(uids) != 3 || snap.Unread.Len() != 3 {
		t.Fatalf("%+v", snap)
	}
	rows, err := s.Rows(ctx, ref, uids)
	if err != nil || len(rows) != 3 || rows[0].Preview != "hello" {
		t.Errorf("%+v, %v", rows, err)
	}
	_, err = s.SetKeywords(ctx, ref, uids[1:2], []string{jmap.KeywordSeen}, nil)
	must(err)
	found, err := s.Search(ctx, ref, &jmap.EmailFilter{Subject: "Ä"}, 0)
	if err != nil || !slices.Equal(found.All(), uids[1:2]) {
		t.Errorf("%v, %v", found.All(), err)
	}
	moved, err := s.Move(ctx, ref, uids[:1], "INBOX")
	if err != nil || !slices.Equal(moved.Gone, uids[:1]) {
		t.Errorf("%+v, %v", moved, err)
	}
	known := upstream.Known{UIDValidity: snap.UIDValidity, HighestModSeq: snap.HighestModSeq, UIDs: snap.UIDs, Watched: uids}
	again, err := s.Sync(ctx, "Größe", known)
	if err != nil || !slices.Equal(again.UIDs.All(), uids[1:]) || !slices.Equal(again.Unread.All(), uids[2:]) ||
		!slices.ContainsFunc(again.Changed, func(k upstream.Keywords) bool { return k.UID == uids[1] && k.Set[jmap.KeywordSeen] }) {
		t.Errorf("%+v, %v", again, err)
	}
	counts, err := s.Statuses(ctx)
	if err != nil || counts["INBOX"].Messages != 1 || len(counts) != 7 {
		t.Errorf("%+v, %v", counts, err)
	}
	must(s.RenameMailbox(ctx, "Größe", "Kleine"))
	must(s.DeleteMailbox(ctx, "Kleine"))
}

func TestQuotasOfDovecot(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{Config: compressing})
	s := open(t, srv, fresh(), upstream.TLS)
	got, err := s.Quotas(t.Context())
	if err != nil || len(got) != 2 || got[0].Resource != "STORAGE" || got[0].Limit != 100<<20 || got[1].Resource != "MESSAGE" || got[1].Limit != 1000 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCompressionIsUsed(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{Config: compressing})
	s := open(t, srv, fresh(), upstream.TLS)
	raw := strings.Repeat("The same line over and over again.\r\n", 50_000)
	_, uid, err := s.Append(t.Context(), "INBOX", upstream.NewMessage{Body: strings.NewReader("Subject: big\r\n\r\n" + raw), Size: int64(len(raw)) + 16})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.Sync(t.Context(), "INBOX", upstream.Known{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Read(t.Context(), upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}, uid, []upstream.Section{{Path: "1"}})
	if err != nil || string(got[0]) != raw {
		t.Errorf("%d octets, %v", len(got[0]), err)
	}
	err = s.do(t.Context(), func(c *conn) error {
		if !c.Compressed() {
			t.Error("it is not")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
