package imapstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// fetched is an honest answer to a FETCH of a row.
func fetched(uid int) string {
	return fmt.Sprintf("* %[1]d FETCH (UID %[1]d FLAGS () INTERNALDATE \"05-Jan-2026 10:00:00 +0000\" RFC822.SIZE 30 "+
		"BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 4 1 NIL NIL NIL NIL) BODY[HEADER.FIELDS (%[2]s)] {17}\r\nSubject: %06[1]d\r\n BODY[TEXT]<0> {4}\r\nhi\r\n)\r\n",
		uid, strings.Join(rowHeader.HeaderFields, " "))
}

func TestServerThatBreaksOffIsLeft(t *testing.T) {
	body := "* 1 FETCH (UID 1 FLAGS () BODY[] {1000}\r\nFrom: half"
	for _, c := range []struct {
		name, answer string
		want         upstream.Kind
	}{
		{"hangs up", hangUp, upstream.KindLost},
		{"hangs up in the middle of a literal", body + hangUp, upstream.KindLost},
		{"hangs up in the middle of a line", "* 1 FETCH (UID" + hangUp, upstream.KindLost},
		{"is silent", sayNothing, upstream.KindTimeout},
		{"is silent in the middle of a literal", body + sayNothing, upstream.KindTimeout},
		{"answers what was not asked", "X9 OK done\r\n", upstream.KindProtocol},
		{"sends a literal without a size", "* 1 FETCH (UID 1 BODY[] {x}\r\n", upstream.KindProtocol},
		{"sends a literal of any size", "* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n", upstream.KindProtocol},
		{"sends a line without an end", strings.Repeat("* 1 FETCH (FLAGS (", 1) + strings.Repeat("a", 40<<20), upstream.KindProtocol},
		{"sends a quote without an end", `* 1 FETCH (UID 1 INTERNALDATE "` + strings.Repeat("a", 40<<20), upstream.KindProtocol},
		{"sends lists in lists", "* 1 FETCH (UID 1 BODYSTRUCTURE " + strings.Repeat("(", 8<<20), upstream.KindProtocol},
		{"hides lists behind a code", "* OK [X {99999999}\r\n] x\r\n* 1 FETCH (UID 1 BODYSTRUCTURE " + strings.Repeat("(", 8<<20), upstream.KindProtocol},
		{"hides lists behind words", "* OK see {99999999}\r\n* 1 FETCH (UID 1 BODYSTRUCTURE " + strings.Repeat("(", 8<<20), upstream.KindProtocol},
		{"hides lists behind a quote", "* 1 FETCH (UID 1 ENVELOPE (\"{99999999}\r\n\" " + strings.Repeat("(", 8<<20), upstream.KindProtocol},
		{"refuses", "TAG NO [NOPERM] not yours\r\n", upstream.KindRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &liar{answers: map[string]string{"UID FETCH": c.answer}}
			s := l.open(t)
			_, err := s.Read(t.Context(), inbox7, 1, []upstream.Section{{}})
			if upstream.KindOf(err) != c.want {
				t.Errorf("%q: %.300v", upstream.KindOf(err), err)
			}
			l.lie("UID FETCH", "* 1 FETCH (UID 1 FLAGS () BODY[] {2}\r\nhi)\r\nTAG OK done\r\n")
			got, err := s.Read(t.Context(), inbox7, 1, []upstream.Section{{}})
			if err != nil || string(got[0]) != "hi" {
				t.Errorf("afterwards: %q, %v", got, err)
			}
		})
	}
}

func TestRowsAreOfWhatWasAsked(t *testing.T) {
	flags := "* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n"
	for name, answer := range map[string]string{
		"others too":             fetched(1) + fetched(9) + fetched(2),
		"twice":                  fetched(1) + fetched(1) + fetched(2),
		"flags told after":       fetched(1) + fetched(2) + flags,
		"flags told without UID": "* 2 FETCH (FLAGS (\\Seen))\r\n" + fetched(1) + fetched(2),
		"a message came":         "* 4 EXISTS\r\n" + fetched(1) + fetched(2) + "* 1 RECENT\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			l := &liar{answers: map[string]string{"UID FETCH": answer + "TAG OK done\r\n"}}
			rows, err := l.open(t).Rows(t.Context(), inbox7, []uint32{1, 2, 3})
			if err != nil || len(rows) != 2 || rows[0].UID != 1 || rows[1].UID != 2 || rows[0].Envelope.Subject != "000001" {
				t.Errorf("%+v, %v", rows, err)
			}
		})
	}
}

func TestFlagsToldFirstHideNothing(t *testing.T) {
	flags := "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"
	l := &liar{answers: map[string]string{"UID FETCH": flags + fetched(1) + flags + fetched(2) + "TAG OK done\r\n"}}
	rows, err := l.open(t).Rows(t.Context(), inbox7, []uint32{1, 2})
	if err != nil || len(rows) != 2 || l.count("UID FETCH") != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
	l = &liar{answers: map[string]string{"UID FETCH": flags + "* 1 FETCH (UID 1 BODY[] {2}\r\nhi)\r\nTAG OK done\r\n"}}
	got, err := l.open(t).Read(t.Context(), inbox7, 1, []upstream.Section{{}})
	if err != nil || string(got[0]) != "hi" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestManyChangesOfFlagsDoNotJamSync(t *testing.T) {
	var many strings.Builder
	for i := 1; i <= 1000; i++ {
		fmt.Fprintf(&many, "* %d FETCH (UID %d FLAGS (\\Seen) MODSEQ (9))\r\n", i, i)
	}
	l := &liar{caps: "IMAP4rev1 CONDSTORE", answers: map[string]string{"UID SEARCH": many.String() + "* SEARCH 1 2 3\r\nTAG OK done\r\n"}}
	s := l.open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	snap, err := s.Sync(ctx, "INBOX", upstream.Known{UIDValidity: 7, HighestModSeq: 1})
	if err != nil || snap.UIDs.Len() != 3 {
		t.Errorf("%+v, %v", snap, err)
	}
}

func TestMoreMessagesThanThereCanBe(t *testing.T) {
	for _, set := range []string{"1:4294967295", "1:*", "4294967295:1"} {
		l := &liar{caps: "IMAP4rev1 ESEARCH", answers: map[string]string{"UID SEARCH": "* ESEARCH (TAG \"TAG\") UID ALL " + set + "\r\nTAG OK done\r\n"}}
		snap, err := l.open(t).Sync(t.Context(), "INBOX", upstream.Known{})
		if err == nil && snap.UIDs.Len() > maxMessages || err != nil && upstream.KindOf(err) != upstream.KindProtocol {
			t.Errorf("%s: %v", set, err)
		}
	}
}

func TestMovingWithoutMoveLosesNothing(t *testing.T) {
	ok := "TAG OK done\r\n"
	for _, c := range []struct {
		name, caps string
		answers    map[string]string
		commands   []string // that remove something
		gone       int
		fails      bool
	}{
		{"MOVE", "IMAP4rev1 UIDPLUS MOVE", nil, nil, 3, false},
		{"MOVE refused", "IMAP4rev1 UIDPLUS MOVE", map[string]string{"UID MOVE": "TAG NO [OVERQUOTA] full\r\n"}, nil, 0, true},
		{"copied and expunged", "IMAP4rev1 UIDPLUS", nil, []string{`UID STORE 1:3 +FLAGS.SILENT (\Deleted)`, "UID EXPUNGE 1:3"}, 3, false},
		{"only what was copied", "IMAP4rev1 UIDPLUS", map[string]string{"UID COPY": "TAG OK [COPYUID 8 2 12] done\r\n"}, []string{`UID STORE 2 +FLAGS.SILENT (\Deleted)`, "UID EXPUNGE 2"}, 1, false},
		{"copy refused", "IMAP4rev1 UIDPLUS", map[string]string{"UID COPY": "TAG NO [OVERQUOTA] full\r\n"}, nil, 0, true},
		{"copy broken off", "IMAP4rev1 UIDPLUS", map[string]string{"UID COPY": hangUp}, nil, 0, true},
		{"flag refused", "IMAP4rev1 UIDPLUS", map[string]string{"UID STORE": "TAG NO [NOPERM] no\r\n"}, []string{`UID STORE 1:3 +FLAGS.SILENT (\Deleted)`}, 0, true},
		{"no UIDPLUS", "IMAP4rev1", map[string]string{"UID COPY": ok}, []string{`UID STORE 1:3 +FLAGS.SILENT (\Deleted)`}, 3, false},
		{"no UIDPLUS, copy refused", "IMAP4rev1", map[string]string{"UID COPY": "TAG NO no\r\n"}, nil, 0, true},
		{"sets that do not match", "IMAP4rev1 UIDPLUS MOVE", map[string]string{"UID MOVE": "* OK [COPYUID 8 1:3 11:12] x\r\nTAG OK done\r\n"}, nil, 3, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &liar{caps: c.caps, answers: map[string]string{"UID EXPUNGE": ok}}
			maps.Copy(l.answers, c.answers)
			moved, err := l.open(t).Move(t.Context(), inbox7, []uint32{1, 2, 3}, "Archive")
			if (err != nil) != c.fails || len(moved.Gone) != c.gone {
				t.Errorf("%+v, %v", moved, err)
			}
			var removing []string
			for command := range strings.SplitSeq(l.commands(), "\n") {
				if strings.Contains(command, "EXPUNGE") || strings.Contains(command, "STORE") || strings.HasPrefix(command, "CLOSE") {
					removing = append(removing, command)
				}
			}
			if !slices.Equal(removing, c.commands) {
				t.Errorf("%q, not %q", removing, c.commands)
			}
		})
	}
}

func TestExpungeWithoutUIDPLUSNamesNoOthers(t *testing.T) {
	l := &liar{}
	if err := l.open(t).Expunge(t.Context(), inbox7, []uint32{2}); err != nil {
		t.Error(err)
	}
	if l.count("EXPUNGE")+l.count("UID EXPUNGE")+l.count("CLOSE") > 0 || l.count("UID STORE 2 +FLAGS") != 1 {
		t.Error(l.commands())
	}
}

func TestMailboxesOfOddServers(t *testing.T) {
	l := &liar{answers: map[string]string{"LIST": "* LIST (\\NOSELECT) \"/\" Parent\r\n* LIST () \"/\" Sent\r\n* LIST () \"/\" Sent\r\n" +
		"* LIST (\\Sent) \"/\" \"Sent Items\"\r\n* LIST () \"/\" Trash\r\n* LIST (\\Noinferiors) NIL inbox\r\n* LIST (\\Sent \\Trash) \"/\" Both\r\nTAG OK done\r\n"}}
	got, err := l.open(t).Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range got {
		lines = append(lines, fmt.Sprint(m.Name, " ", m.Role, " ", m.Selectable))
	}
	want := []string{"INBOX inbox true", "Parent  false", "Sent  true", "Sent Items sent true", "Trash  true", "Both trash true"}
	if !slices.Equal(lines, want) {
		t.Errorf("%q, not %q", lines, want)
	}
}

func TestCountsThatBreakOffAreNoCounts(t *testing.T) {
	l := &liar{answers: map[string]string{"LIST": "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Archive\r\nTAG OK done\r\n", `STATUS "Archive"`: hangUp}}
	if got, err := l.open(t).Statuses(t.Context()); upstream.KindOf(err) != upstream.KindLost {
		t.Errorf("%v, %v", got, err)
	}
}

func TestRefusalToOpenAMailbox(t *testing.T) {
	for answer, want := range map[string]upstream.Kind{
		"TAG NO [NONEXISTENT] gone\r\n":  "",
		"TAG NO gone\r\n":                "",
		"TAG NO [INUSE] busy\r\n":        upstream.KindUnavailable,
		"TAG NO [UNAVAILABLE] ill\r\n":   upstream.KindUnavailable,
		"TAG NO [LIMIT] too much\r\n":    upstream.KindLimit,
		"TAG NO [NOPERM] not yours\r\n":  upstream.KindRefused,
		"TAG NO [OVERQUOTA] too big\r\n": upstream.KindOverQuota,
	} {
		l := &liar{answers: map[string]string{"SELECT": answer}}
		_, err := l.open(t).Rows(t.Context(), inbox7, []uint32{1})
		if errors.Is(err, upstream.ErrNoMailbox) != (want == "") || want != "" && upstream.KindOf(err) != want {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestConnectionLostWhileIdleIsReplaced(t *testing.T) {
	l := &liar{answers: map[string]string{}}
	s := l.open(t)
	for range 3 {
		l.lie("LIST", hangUp)
		if _, err := s.Mailboxes(t.Context()); upstream.KindOf(err) != upstream.KindLost {
			t.Fatalf("a server that always hangs up: %v", err)
		}
		l.lie("LIST", honest["LIST"])
		if _, err := s.Mailboxes(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// What must not be done twice is not.
	l.lie("APPEND", "* BYE away\r\n"+hangUp)
	if _, _, err := s.Append(t.Context(), "INBOX", upstream.NewMessage{Body: strings.NewReader("x"), Size: 1}); err == nil {
		t.Error("it was filed")
	}
	l.lie("UID COPY", hangUp)
	if _, err := s.Copy(t.Context(), inbox7, []uint32{1}, "Archive"); err == nil {
		t.Error("it was copied")
	}
	if l.count("APPEND") != 1 || l.count("UID COPY") != 1 {
		t.Error(l.commands())
	}
}

func TestAnswerOfAnOldSelection(t *testing.T) {
	l := &liar{answers: map[string]string{}}
	s := l.open(t)
	if _, err := s.SetKeywords(t.Context(), inbox7, []uint32{1}, []string{jmap.KeywordSeen}, nil); err != nil {
		t.Fatal(err)
	}
	l.lie("UID STORE", "TAG NO [EXPUNGEISSUED] some are gone\r\n")
	l.lie("SELECT", strings.Replace(honest["SELECT"], "UIDVALIDITY 7", "UIDVALIDITY 8", 1))
	if _, err := s.SetKeywords(t.Context(), inbox7, []uint32{1}, []string{jmap.KeywordSeen}, nil); !errors.Is(err, upstream.ErrUIDValidity) {
		t.Error(err)
	}
}

func TestCallerThatGivesUpWaitsForNobody(t *testing.T) {
	for name, stop := range map[string]func(cancel func(), s *Store){
		"cancelled": func(cancel func(), _ *Store) { cancel() },
		"closed":    func(_ func(), s *Store) { _ = s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			l := &liar{answers: map[string]string{"UID FETCH": "* 1 FETCH (UID 1 BODY[] {1000}\r\nhalf" + sayNothing}}
			l.start(t)
			cfg := l.config(t, upstream.None)
			cfg.Silence = time.Hour
			s, err := Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, err := s.Read(ctx, inbox7, 1, []upstream.Section{{}})
				done <- err
			}()
			for deadline := time.Now().Add(10 * time.Second); l.count("UID FETCH") == 0 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			stop(cancel, s)
			select {
			case err := <-done:
				if err == nil {
					t.Error("it was read")
				}
			case <-time.After(10 * time.Second):
				t.Error("it still waits")
			}
		})
	}
}

func TestSlowServerIsNotSilent(t *testing.T) {
	big := bytes.Repeat([]byte("x"), 100_000)
	s := (&liar{answers: map[string]string{"UID FETCH": fmt.Sprintf("* 1 FETCH (UID 1 FLAGS () BODY[] {%d}\r\n%s)\r\nTAG OK done\r\n", len(big), big)}}).open(t)
	got, err := s.Read(t.Context(), inbox7, 1, []upstream.Section{{}})
	if err != nil || !bytes.Equal(got[0], big) {
		t.Error(err)
	}
}

func TestMailboxDeletedWhileItIsSelected(t *testing.T) {
	bye := "* BYE IMAP session state is inconsistent, please relogin.\r\n" + hangUp
	renumbered := strings.Replace(honest["SELECT"], "UIDVALIDITY 7", "UIDVALIDITY 8", 1)
	for again, want := range map[string]error{
		renumbered:                      upstream.ErrUIDValidity,
		"TAG NO [NONEXISTENT] gone\r\n": upstream.ErrNoMailbox,
		honest["SELECT"]:                nil, // who knows what was done
	} {
		l := &liar{answers: map[string]string{}}
		s := l.open(t)
		if _, err := s.Rows(t.Context(), inbox7, []uint32{1}); err != nil {
			t.Fatal(err)
		}
		l.lie("UID COPY", bye)
		l.lie("SELECT", again)
		_, err := s.Move(t.Context(), inbox7, []uint32{1}, "Archive")
		if want != nil && !errors.Is(err, want) || want == nil && upstream.KindOf(err) != upstream.KindLost || l.count("UID COPY") != 1 {
			t.Errorf("%.30q: %v", again, err)
		}
	}
}
