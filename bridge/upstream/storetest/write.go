package storetest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing/iotest"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var writeTests = []test{
	{"keywords are added and removed, of just these messages", func(e *env) {
		uids := e.fill(3)
		ref := e.ref("INBOX")
		e.set(ref, uids[:2], []string{jmap.KeywordSeen, jmap.KeywordFlagged, jmap.KeywordAnswered, "Project-X"}, nil)
		for _, uid := range uids[:2] {
			e.keywords(ref, uid, jmap.KeywordSeen, jmap.KeywordFlagged, jmap.KeywordAnswered, "project-x") // RFC 8621 §4.1.1: lower case
		}
		e.keywords(ref, uids[2])
		e.set(ref, uids, []string{jmap.KeywordForwarded}, []string{jmap.KeywordFlagged, jmap.KeywordAnswered, "project-x"})
		e.keywords(ref, uids[0], jmap.KeywordSeen, jmap.KeywordForwarded)
		e.keywords(ref, uids[2], jmap.KeywordForwarded)
	}},
	{"keywords of nothing, and of what is gone, are no error", func(e *env) {
		uid := e.fill(1)[0]
		ref := e.ref("INBOX")
		e.set(ref, nil, []string{jmap.KeywordSeen}, nil)
		e.set(ref, []uint32{uid}, nil, nil)
		e.keywords(ref, uid)
		e.set(ref, []uint32{uid, uid + 100}, []string{jmap.KeywordSeen}, nil)
		e.keywords(ref, uid, jmap.KeywordSeen)
	}},
	{"what is no keyword is left out and harms nothing", func(e *env) {
		uid := e.fill(1)[0]
		ref := e.ref("INBOX")
		e.set(ref, []uint32{uid}, []string{`\Deleted`, `\foo bar`, "a b", "x)\r\nz LOGOUT", "", "fine"}, []string{"ü"})
		e.keywords(ref, uid, "fine")
	}},
	{"a moved message is elsewhere, and otherwise the same", func(e *env) {
		archive := e.archive()
		m := filing(letter("to move"), jmap.KeywordSeen, "project-x")
		m.ReceivedAt = time.Date(2025, 5, 5, 5, 5, 5, 0, time.UTC)
		_, _, err := e.Store.Append(e.Context(), "INBOX", m)
		e.must(err)
		moving := e.sync("INBOX").UIDs.At(0)
		stays := e.put("INBOX", letter("stays"))
		there := e.put(archive, letter("was there"))

		moved, err := e.Store.Move(e.Context(), e.ref("INBOX"), []uint32{moving}, archive)
		e.must(err)
		e.has("INBOX", stays)
		uid := e.moved(moved, archive, moving, there)
		e.has(archive, there, uid)
		if !slices.Equal(moved.Gone, []uint32{moving}) {
			e.Errorf("gone: %v", moved.Gone)
		}
		r := e.row(e.ref(archive), uid)
		e.sameKeywords(r.Keywords, jmap.KeywordSeen, "project-x")
		if r.Envelope.Subject != "to move" || !r.ReceivedAt.Equal(m.ReceivedAt) {
			e.Errorf("%+v", r)
		}
		back, err := e.Store.Move(e.Context(), e.ref(archive), []uint32{uid}, "INBOX")
		e.must(err)
		if again := e.moved(back, "INBOX", uid, stays); again == moving {
			e.Errorf("UID %d was given again", again)
		}
	}},
	{"a move takes what is there and nothing else", func(e *env) {
		archive := e.archive()
		uids := e.fill(4)
		moved, err := e.Store.Move(e.Context(), e.ref("INBOX"), []uint32{uids[3], uids[1], uids[3] + 100}, archive)
		e.must(err)
		e.has("INBOX", uids[0], uids[2])
		rows, err := e.Store.Rows(e.Context(), e.ref(archive), e.sync(archive).UIDs.All())
		e.must(err)
		if len(rows) != 2 {
			e.Errorf("%d rows", len(rows))
		}
		for _, r := range rows {
			old := map[string]uint32{"message 2": uids[1], "message 4": uids[3]}[r.Envelope.Subject]
			if to, ok := moved.UIDs[old]; moved.UIDValidity != 0 && (!ok || to != r.UID) {
				e.Errorf("%q is %d; moved: %+v", r.Envelope.Subject, r.UID, moved)
			}
		}
		if _, ok := moved.UIDs[uids[3]+100]; ok {
			e.Errorf("what was not there was moved: %+v", moved)
		}
		for _, none := range [][]uint32{nil, {uids[3] + 200}} {
			if moved, err = e.Store.Move(e.Context(), e.ref("INBOX"), none, archive); err != nil || len(moved.UIDs) != 0 {
				e.Errorf("%v: %+v, %v", none, moved, err)
			}
		}
	}},
	{"a copy is another message, and the first stays", func(e *env) {
		archive := e.archive()
		uid := e.put("INBOX", album, jmap.KeywordSeen)
		copied, err := e.Store.Copy(e.Context(), e.ref("INBOX"), []uint32{uid, uid + 100}, archive)
		e.must(err)
		e.has("INBOX", uid)
		e.keywords(e.ref(archive), e.moved(copied, archive, uid), jmap.KeywordSeen)
		if len(copied.Gone) != 0 {
			e.Errorf("gone: %v", copied.Gone)
		}
		_, err = e.Store.Copy(e.Context(), e.ref("INBOX"), nil, archive)
		e.must(err)
		if n := e.sync(archive).UIDs.Len(); n != 1 {
			e.Errorf("%d copies", n)
		}
	}},
	{"just these messages are removed for good", func(e *env) {
		uids := e.fill(5)
		ref := e.ref("INBOX")
		e.must(e.Store.Expunge(e.Context(), ref, []uint32{uids[1], uids[3], uids[4] + 100}))
		e.has("INBOX", uids[0], uids[2], uids[4])
		e.must(e.Store.Expunge(e.Context(), ref, nil))
		e.has("INBOX", uids[0], uids[2], uids[4])
		if uid := e.put("INBOX", letter("new")); uid <= uids[4] {
			e.Errorf("UID %d was given after %d", uid, uids[4])
		}
	}},
}

var appendTests = []test{
	{"a draft is filed, and replaced", func(e *env) {
		drafts := e.mailbox(jmap.RoleDrafts, "Drafts")
		ref, uid, err := e.Store.Append(e.Context(), drafts, filing(letter("draft"), jmap.KeywordDraft, jmap.KeywordSeen))
		e.must(err)
		if uid == 0 {
			uid = e.sync(drafts).UIDs.At(0)
		} else if ref != e.ref(drafts) {
			e.Errorf("%+v, not %+v", ref, e.ref(drafts))
		}
		e.keywords(e.ref(drafts), uid, jmap.KeywordDraft, jmap.KeywordSeen)
		if age := time.Since(e.row(e.ref(drafts), uid).ReceivedAt); age < -time.Minute || age > time.Minute {
			e.Errorf("received %v ago", age)
		}
		second := e.put(drafts, letter("better draft"), jmap.KeywordDraft)
		e.must(e.Store.Expunge(e.Context(), e.ref(drafts), []uint32{uid}))
		e.has(drafts, second)
	}},
	{"a message of any size comes back as it was filed", func(e *env) {
		for _, size := range []int{1, 4095, 4097, 1 << 20} {
			raw := append(letter("sized"), bytes.Repeat([]byte("0123456789abcdef\r\n"), size/18)...)
			uid := e.put("INBOX", raw)
			if got := e.read(uid, upstream.Section{})[0]; !bytes.Equal(got, raw) {
				e.Errorf("%d octets came back as %d, or others", len(raw), len(got))
			}
		}
	}},
	{"a message that cannot be read to its end is not filed", func(e *env) {
		raw := letter("cut short")
		for what, body := range map[string]io.Reader{
			"short":  strings.NewReader(string(raw[:20])),
			"broken": io.MultiReader(strings.NewReader(string(raw[:20])), iotest.ErrReader(errors.New("broken"))),
			"empty":  strings.NewReader(""),
		} {
			for _, size := range []int64{int64(len(raw)), 100_000} {
				_, _, err := e.Store.Append(e.timeout(), "INBOX", upstream.NewMessage{Body: body, Size: size})
				if err == nil || e.Context().Err() != nil {
					e.Errorf("%s, %d octets: %v", what, size, err)
				}
			}
		}
		e.has("INBOX")
		e.has("INBOX", e.put("INBOX", raw))
	}},
}

func (e *env) set(mb upstream.MailboxRef, uids []uint32, add, remove []string) {
	e.Helper()
	said, err := e.Store.SetKeywords(e.Context(), mb, uids, add, remove)
	e.must(err)
	for _, k := range said {
		if !slices.Contains(uids, k.UID) {
			e.Errorf("told of %d, asked for %v", k.UID, uids)
		}
	}
}

// moved gives where one message went: as the Store tells, or the one that is new
// besides those that were there.
func (e *env) moved(m upstream.Moved, to string, uid uint32, there ...uint32) uint32 {
	e.Helper()
	came := e.sync(to).UIDs.Minus(upstream.NewUIDSet(there...))
	if came.Len() != 1 {
		e.Fatalf("%d messages came to %s", came.Len(), to)
	}
	if m.UIDValidity != 0 && (m.UIDValidity != e.ref(to).UIDValidity || len(m.UIDs) != 1 || m.UIDs[uid] != came.At(0)) {
		e.Errorf("%+v, but it is %d", m, came.At(0))
	}
	return came.At(0)
}
