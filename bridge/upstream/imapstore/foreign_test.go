package imapstore

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const rowStart = "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"05-Jan-2026 10:00:00 +0000\" RFC822.SIZE 30 " +
	"BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 4 1 NIL NIL NIL NIL) BODY[HEADER.FIELDS (Subject)] {12}\r\nSubject: x\r\n "

// Servers know a message by ids of their own, each in its way.
func TestIdsOfOtherServers(t *testing.T) {
	for _, c := range []struct {
		name, caps, asks, item, object, thread string
	}{
		{"OBJECTID", "OBJECTID", "EMAILID THREADID", "EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9)", "M6d99ac3275bb4e", "T64b478a75b7ea9"},
		{"OBJECTID without threads", "OBJECTID", "EMAILID THREADID", "EMAILID (M1) THREADID NIL", "M1", ""},
		{"Gmail", "X-GM-EXT-1", "X-GM-MSGID X-GM-THRID", "X-GM-MSGID 1278455344230334865 X-GM-THRID 1266894439832287888", "1278455344230334865", "1266894439832287888"},
		{"an id without end", "OBJECTID", "EMAILID THREADID", "EMAILID (" + strings.Repeat("x", 300) + ") THREADID (T1)", "", "T1"},
		{"none", "X", "", "X-ELSE (1 (2 \"3\"))", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &liar{caps: "IMAP4rev1 " + c.caps, answers: map[string]string{"UID FETCH": rowStart + c.item + ")\r\nTAG OK done\r\n"}}
			s := l.open(t)
			rows, err := s.Rows(t.Context(), inbox7, []uint32{1})
			if err != nil || len(rows) != 1 || rows[0].ObjectID != c.object || rows[0].ThreadID != c.thread {
				t.Errorf("%+v, %v", rows, err)
			}
			var facts []upstream.Fact
			err = s.Index(t.Context(), inbox7, upstream.NewUIDSet(1), func(piece []upstream.Fact) error {
				facts = append(facts, piece...)
				return nil
			})
			if err != nil || len(facts) != 1 || facts[0].ObjectID != c.object || facts[0].ThreadID != c.thread {
				t.Errorf("%+v, %v", facts, err)
			}
			if got := strings.Count(l.commands(), c.asks); c.asks != "" && got != 2 {
				t.Errorf("asked %d times: %s", got, l.commands())
			}
		})
	}
}

func TestPreviewsOfTheServer(t *testing.T) {
	for said, want := range map[string]string{
		`PREVIEW "Hello  there"`: "Hello there",
		"PREVIEW {4}\r\nh\xffi!": "h\ufffdi!",
		`PREVIEW ""`:             "",
		`PREVIEW NIL`:            "",
		`X-OTHER 1`:              "",
		`PREVIEW "` + strings.Repeat("x", 1000) + `"`: strings.Repeat("x", 256),
	} {
		l := &liar{caps: "IMAP4rev1 PREVIEW", answers: map[string]string{"UID FETCH": rowStart + said + ")\r\nTAG OK done\r\n"}}
		rows, err := l.open(t).Rows(t.Context(), inbox7, []uint32{1})
		if err != nil || len(rows) != 1 || rows[0].Preview != want {
			t.Errorf("%.30q: %+v, %v", said, rows, err)
		}
		if strings.Contains(l.commands(), "TEXT") {
			t.Error("the text was asked for too")
		}
	}
}

// A server that does not know what it advertises is not asked for it again, and what was asked
// for is done in another way.
func TestCapabilitiesThatAreNotTrue(t *testing.T) {
	bad := "TAG BAD what is that?\r\n"
	for _, c := range []struct {
		caps, lie string
		do        func(s *Store) error
	}{
		{"ESEARCH", "UID SEARCH RETURN", func(s *Store) error { _, err := s.Search(t.Context(), inbox7, nil, 0); return err }},
		{"ESEARCH CONDSTORE", "SELECT \"INBOX\" (", func(s *Store) error { _, err := s.Sync(t.Context(), "INBOX", upstream.Known{}); return err }},
		{"ENABLE QRESYNC CONDSTORE", "SELECT \"INBOX\" (QRESYNC", func(s *Store) error {
			_, err := s.Sync(t.Context(), "INBOX", upstream.Known{UIDValidity: 7, HighestModSeq: 3})
			return err
		}},
		{"LIST-EXTENDED SPECIAL-USE", "LIST \"\" \"*\" RETURN", func(s *Store) error { _, err := s.Mailboxes(t.Context()); return err }},
		{"LIST-STATUS", "LIST \"\" \"*\" RETURN", func(s *Store) error { _, err := s.Statuses(t.Context()); return err }},
		{"PREVIEW OBJECTID", "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE PREVIEW", func(s *Store) error {
			_, err := s.Rows(t.Context(), inbox7, []uint32{1})
			return err
		}},
		{"MOVE UIDPLUS", "UID MOVE", func(s *Store) error { _, err := s.Move(t.Context(), inbox7, []uint32{1}, "Archive"); return err }},
		{"UIDPLUS", "UID EXPUNGE", func(s *Store) error { return s.Expunge(t.Context(), inbox7, []uint32{1}) }},
		{"COMPRESS=DEFLATE", "COMPRESS", func(s *Store) error { _, err := s.Mailboxes(t.Context()); return err }},
		{"CREATE-SPECIAL-USE", "CREATE \"Kept\" (USE", func(s *Store) error { return s.CreateMailbox(t.Context(), "Kept", jmap.RoleArchive) }},
	} {
		t.Run(c.lie, func(t *testing.T) {
			l := &liar{caps: "IMAP4rev1 " + c.caps, answers: map[string]string{c.lie: bad, "ENABLE": "TAG OK done\r\n", "UID EXPUNGE": "TAG OK done\r\n", "LSUB": "TAG OK done\r\n"}}
			l.answers[c.lie] = bad
			s := l.open(t)
			asked := 0
			for again := range 2 {
				if err := c.do(s); err != nil {
					t.Errorf("%v\n%s", err, l.commands())
				}
				if again == 1 && l.count(c.lie) != asked || l.count(c.lie) == 0 {
					t.Errorf("asked again:\n%s", l.commands())
				}
				asked = l.count(c.lie)
			}
			if l.connections() != 1 {
				t.Errorf("%d connections", l.connections())
			}
		})
	}
}

// One feature that is not there takes no others with it.
func TestOnlyTheLiarIsBlamed(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 CONDSTORE OBJECTID", answers: map[string]string{
		"UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE EMAILID": "TAG BAD what?\r\n",
		"UID FETCH": rowStart + ")\r\nTAG OK done\r\n",
	}}
	s := l.open(t)
	if rows, err := s.Rows(t.Context(), inbox7, []uint32{1}); err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	if s.features.lies("CONDSTORE") || !s.features.lies("OBJECTID") {
		t.Errorf("%+v", s.features.untrue)
	}
}

func TestNamesInANamespace(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 NAMESPACE", answers: map[string]string{
		"NAMESPACE": "* NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"shared.\" \".\"))\r\nTAG OK done\r\n",
		"LIST": "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Sent\r\n* LIST () \".\" INBOX.Sent.2025\r\n* LIST () \".\" INBOX.INBOX\r\n" +
			"* LIST () \".\" shared.team\r\nTAG OK done\r\n",
		"LSUB": "TAG OK done\r\n", "RENAME": "TAG OK done\r\n", "UNSUBSCRIBE": "TAG OK done\r\n",
	}}
	s := l.open(t)
	if err := s.CreateMailbox(t.Context(), "Before the list", ""); err != nil {
		t.Fatal(err)
	}
	all, err := s.Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range all {
		names = append(names, m.Name+" "+m.Role)
	}
	if want := []string{"INBOX inbox", "Sent sent", "Sent.2025 ", "INBOX.INBOX ", "shared.team "}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	for name, want := range map[string]string{"Sent": `"INBOX.Sent"`, "INBOX.INBOX": `"INBOX.INBOX"`, "shared.team": `"shared.team"`, "INBOX": `"INBOX"`} {
		if _, err := s.Sync(t.Context(), name, upstream.Known{}); err != nil || l.count("SELECT "+want) != 1 {
			t.Errorf("%s: %v\n%s", name, err, l.commands())
		}
	}
	if err := s.RenameMailbox(t.Context(), "Sent", "Größe"); err != nil || l.count(`RENAME "INBOX.Sent" "INBOX.Gr&APYA3w-e"`) != 1 || l.count(`CREATE "INBOX.Before the list"`) != 1 {
		t.Errorf("%v\n%s", err, l.commands())
	}
}

// Names that are no modified UTF-7 are shown as they are, and can be used.
func TestNamesThatAreNotEncoded(t *testing.T) {
	l := &liar{answers: map[string]string{
		"LIST": "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"Entw&APw\"\r\n* LIST () \"/\" \"Entw\xfcrfe\"\r\n* LIST () \"/\" \"Gr\u00fc\u00dfe\"\r\n" +
			"* LIST () \"/\" \"Entw&APw-rfe\"\r\n* LIST () \"/\" \"a ]%*\\\"b \"\r\n* LIST () \"/\" NIL\r\nTAG OK done\r\n",
		"LSUB": "TAG OK done\r\n",
	}}
	s := l.open(t)
	all, err := s.Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	// Two would be called Entwürfe; the second is not shown.
	want := []string{"INBOX", "Entw&APw", "Entwürfe", "Grüße", `a ]%*"b `, "NIL"}
	if !slices.Equal(names, want) {
		t.Fatalf("%q", names)
	}
	for i, wire := range []string{`"Entw&APw"`, "{8}", "{7}", `"a ]%*\"b "`, `"NIL"`} {
		if strings.HasPrefix(wire, "{") {
			continue // a literal: see the wire's own tests
		}
		if _, err := s.Sync(t.Context(), want[i+1], upstream.Known{}); err != nil || l.count("SELECT "+wire) != 1 {
			t.Errorf("%q: %v\n%s", want[i+1], err, l.commands())
		}
	}
	err = s.do(t.Context(), func(c *conn) error {
		for name, wire := range map[string]string{"Entwürfe": "Entw\xfcrfe", "Grüße": "Gr\u00fc\u00dfe", "new ü": "new &APw-"} {
			if got, err := c.wire(name); err != nil || got != wire {
				t.Errorf("%q is said as %q, %v", name, got, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestUTF8WhereItIsInForce(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 ENABLE UTF8=ACCEPT", answers: map[string]string{
		"ENABLE UTF8=ACCEPT": "* ENABLED UTF8=ACCEPT\r\nTAG OK done\r\n",
		"LIST":               "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"Gr\u00fc\u00dfe & mehr\"\r\nTAG OK done\r\n",
		"LSUB":               "TAG OK done\r\n",
	}}
	s := l.open(t)
	all, err := s.Mailboxes(t.Context())
	if err != nil || len(all) != 2 || all[1].Name != "Grüße & mehr" {
		t.Fatal(all, err)
	}
	if _, err := s.Search(t.Context(), upstream.MailboxRef{Name: "Grüße & mehr", UIDValidity: 7}, &jmap.EmailFilter{Text: "süß"}, 0); err != nil {
		t.Error(err)
	}
	if l.count(`SELECT "Grüße & mehr"`) != 1 || !strings.Contains(l.commands(), `UID SEARCH TEXT "süß"`) {
		t.Error(l.commands())
	}
}

func TestSubscriptionsOfAnOldServer(t *testing.T) {
	l := &liar{answers: map[string]string{
		"LIST": "* LIST () \"/\" INBOX\r\n* LIST () \"/\" a\r\n* LIST () \"/\" b\r\nTAG OK done\r\n",
		"LSUB": "* LSUB () \"/\" a\r\n* LSUB () \"/\" gone\r\nTAG OK done\r\n",
	}}
	all, err := l.open(t).Mailboxes(t.Context())
	if err != nil || len(all) != 3 || !all[1].Subscribed || all[2].Subscribed {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestMailboxIds(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 LIST-EXTENDED LIST-STATUS OBJECTID", answers: map[string]string{
		"LIST": "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MAILBOXID (F1))\r\n* LIST () \"/\" a\r\n* STATUS a (MAILBOXID (F2))\r\n* LIST () \"/\" b\r\nTAG OK done\r\n",
	}}
	all, err := l.open(t).Mailboxes(t.Context())
	if err != nil || len(all) != 3 || all[0].ObjectID != "F1" || all[1].ObjectID != "F2" || all[2].ObjectID != "" {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestKeywordsAMailboxCannotKeep(t *testing.T) {
	for perm, want := range map[string][2]bool{ // $seen, project
		`[PERMANENTFLAGS (\Seen \*)]`:      {true, true},
		`[PERMANENTFLAGS (\Seen)]`:         {true, false},
		`[PERMANENTFLAGS (\Seen Project)]`: {true, true},
		`[PERMANENTFLAGS ()]`:              {true, false},
		`[UIDNEXT 10]`:                     {true, true},
	} {
		l := &liar{answers: map[string]string{"SELECT": "* 3 EXISTS\r\n* OK " + perm + " x\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK done\r\n"}}
		s := l.open(t)
		for i, keyword := range []string{jmap.KeywordSeen, "project"} {
			_, err := s.SetKeywords(t.Context(), inbox7, []uint32{1}, []string{keyword}, nil)
			if (err == nil) != want[i] || err != nil && (upstream.KindOf(err) != upstream.KindRefused || upstream.CodeOf(err) != "CANNOT") {
				t.Errorf("%s, %s: %v", perm, keyword, err)
			}
		}
		stores := 0
		for _, kept := range want {
			if kept {
				stores++
			}
		}
		if l.count("UID STORE") != stores {
			t.Errorf("%s: %s", perm, l.commands())
		}
	}
}

func TestSearchesOfServersThatKnowNoUTF8(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 LITERAL+ SORT", answers: map[string]string{
		"UID SEARCH CHARSET UTF-8": "TAG NO [BADCHARSET (US-ASCII)] what?\r\n", "UID SORT": "TAG NO [BADCHARSET] what?\r\n",
	}}
	s := l.open(t)
	if _, err := s.Search(t.Context(), inbox7, &jmap.EmailFilter{Text: "ascii"}, 0); err != nil {
		t.Error(err)
	}
	if _, err := s.Sort(t.Context(), inbox7, nil, []jmap.Comparator{{Property: "from"}}); !errors.Is(err, upstream.ErrUnsupported) {
		t.Error(err)
	}
}

func TestQuotasOfAllKinds(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 QUOTA", answers: map[string]string{
		"GETQUOTAROOT": "* QUOTAROOT INBOX \"\" \"#big\"\r\n* QUOTA \"\" (STORAGE 10 512 MESSAGE 3 1000)\r\n* QUOTA \"#big\" (STORAGE 9223372036854775807 9223372036854775807)\r\n* QUOTA x ()\r\nTAG OK done\r\n",
	}}
	got, err := l.open(t).Quotas(t.Context())
	want := []upstream.Quota{{Resource: "STORAGE", Used: 10240, Limit: 512 << 10}, {Resource: "MESSAGE", Used: 3, Limit: 1000}, {Root: "#big", Resource: "STORAGE", Used: 1<<63 - 1024, Limit: 1<<63 - 1024}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, l := range []*liar{{}, {caps: "IMAP4rev1 QUOTA", answers: map[string]string{"GETQUOTAROOT": "TAG NO [NOPERM] no\r\n"}}} {
		if _, err := l.open(t).Quotas(t.Context()); !errors.Is(err, upstream.ErrUnsupported) {
			t.Error(err)
		}
	}
}

func TestWhatWasFiledIsFound(t *testing.T) {
	for answer, want := range map[string]uint32{
		"* SEARCH 4 9 2\r\nTAG OK done\r\n": 9,
		"* SEARCH\r\nTAG OK done\r\n":       0,
		"TAG NO no\r\n":                     0,
	} {
		l := &liar{caps: "IMAP4rev1 LITERAL+", answers: map[string]string{"APPEND": "TAG OK done\r\n", "UID SEARCH HEADER": answer}}
		raw := "Subject: x\r\nMessage-ID: <a@b>\r\n\r\nhi\r\n"
		s := l.open(t)
		ref, uid, err := s.Append(t.Context(), "INBOX", upstream.NewMessage{Body: strings.NewReader(raw), Size: int64(len(raw))})
		if err != nil || uid != want || want != 0 && ref.UIDValidity != 7 {
			t.Errorf("%q: %+v, %d, %v\n%s", answer, ref, uid, err, l.commands())
		}
	}
}

// What NOTIFY tells is passed on, without looking around.
func TestNotifyTellsOfAllMailboxes(t *testing.T) {
	l := &liar{caps: "IMAP4rev1 NOTIFY IDLE", answers: map[string]string{
		"NOTIFY SET": "TAG OK done\r\n",
		"IDLE": "+ idling\r\n* STATUS \"Gr&APYA3w-e\" (MESSAGES 4 UIDNEXT 5)\r\n* LIST () \"/\" New\r\n* 4 EXISTS\r\n* 4 EXISTS\r\n* 2 FETCH (FLAGS (\\Seen))\r\n" +
			"* OK [NOTIFICATIONOVERFLOW] enough\r\n" + sayNothing,
	}}
	events := l.open(t).Watch(t.Context())
	var got []string
	for deadline := time.After(20 * time.Second); len(got) < 4; {
		select {
		case ev := <-events:
			if ev.Err != nil {
				t.Fatal(ev.Err)
			}
			got = append(got, ev.Mailbox)
		case <-deadline:
			t.Fatalf("%q", got)
		}
	}
	if want := []string{"INBOX", "Größe", "", "INBOX"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A server whose account of what came and went does not add up is asked for all.
func TestQresyncThatDoesNotAddUp(t *testing.T) {
	selected := strings.TrimSuffix(honest["SELECT"], "TAG OK [READ-WRITE] done\r\n") + "* OK [HIGHESTMODSEQ 20] x\r\n"
	for _, c := range []struct {
		name, told string
		want       []uint32
		searches   int
	}{
		{"adds up", "* VANISHED (EARLIER) 2\r\n* 3 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (20))\r\n", []uint32{1, 3, 9}, 2},
		{"too few", "", []uint32{1, 2, 3}, 2},
		{"too many", "* 3 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (20))\r\n", []uint32{4, 5, 6}, 3},
		{"lost one", "* VANISHED (EARLIER) 1:2\r\n", []uint32{4, 5, 6}, 3},
		{"all of them vanished", "* VANISHED (EARLIER) 1:4294967295\r\n", []uint32{4, 5, 6}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &liar{caps: "IMAP4rev1 ENABLE CONDSTORE QRESYNC ESEARCH", answers: map[string]string{
				"ENABLE": "* ENABLED QRESYNC\r\nTAG OK done\r\n", "SELECT": selected + c.told + "TAG OK [READ-WRITE] done\r\n",
				"UID SEARCH RETURN (ALL) DELETED":          "* ESEARCH (TAG \"TAG\") UID\r\nTAG OK done\r\n",
				"UID SEARCH RETURN (ALL) UNDELETED":        "* ESEARCH (TAG \"TAG\") UID ALL 4:6\r\nTAG OK done\r\n",
				"UID SEARCH RETURN (ALL) UNDELETED UNSEEN": "* ESEARCH (TAG \"TAG\") UID ALL 1\r\nTAG OK done\r\n",
			}}
			snap, err := l.open(t).Sync(t.Context(), "INBOX", upstream.Known{UIDValidity: 7, HighestModSeq: 10, UIDs: upstream.NewUIDSet(1, 2, 3)})
			if err != nil || !slices.Equal(snap.UIDs.All(), c.want) || l.count("UID SEARCH") != c.searches {
				t.Errorf("%+v, %v\n%s", snap, err, l.commands())
			}
		})
	}
}
