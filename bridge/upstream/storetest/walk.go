package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var walkTests = []test{
	{"a view that is kept up by Sync is what is there", func(e *env) {
		other := e.other()
		archive := e.archive()
		seed := rand.Uint64()
		e.Logf("seed %d", seed)
		w := &walk{env: e, rand: rand.New(rand.NewPCG(seed, 1)), other: other, archive: archive, keywords: map[uint32]map[string]bool{}}
		for range 12 {
			for range 1 + w.rand.IntN(4) {
				w.step()
			}
			w.look()
		}
	}},
}

// walk is an INBOX that changes at random, and a view of it.
type walk struct {
	*env
	rand    *rand.Rand
	other   upstream.Store
	archive string
	filed   int

	known    upstream.Known
	keywords map[uint32]map[string]bool // of what is in the view
}

// step does one thing by either Store.
func (w *walk) step() {
	w.Helper()
	s := w.Store
	if w.rand.IntN(2) == 0 {
		s = w.other
	}
	snap, err := w.other.Sync(w.Context(), "INBOX", upstream.Known{})
	w.must(err)
	ref, n := upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}, snap.UIDs.Len()
	var some []uint32
	for range min(n, 1+w.rand.IntN(3)) {
		some = append(some, snap.UIDs.At(w.rand.IntN(n)))
	}
	keyword := []string{jmap.KeywordSeen, jmap.KeywordFlagged, jmap.KeywordDraft, "project-x"}[w.rand.IntN(4)]
	switch kind := w.rand.IntN(6); {
	case n < 3 || kind == 0:
		w.filed++
		_, _, err = s.Append(w.Context(), "INBOX", filing(letter(fmt.Sprintf("step %d", w.filed))))
	case kind <= 2:
		_, err = s.SetKeywords(w.Context(), ref, some, []string{keyword}, nil)
	case kind == 3:
		_, err = s.SetKeywords(w.Context(), ref, some, nil, []string{keyword})
	case kind == 4:
		err = s.Expunge(w.Context(), ref, some)
	default:
		_, err = s.Move(w.Context(), ref, some, w.archive)
	}
	w.must(err)
}

// look brings the view up to date, and compares it with what the other sees afresh.
func (w *walk) look() {
	w.Helper()
	snap, err := w.Store.Sync(w.Context(), "INBOX", w.known)
	w.must(err)
	for _, k := range snap.Changed {
		if _, ok := w.keywords[k.UID]; ok {
			w.keywords[k.UID] = k.Set
		}
	}
	maps.DeleteFunc(w.keywords, func(uid uint32, _ map[string]bool) bool { return !snap.UIDs.Contains(uid) })
	ref := upstream.MailboxRef{Name: "INBOX", UIDValidity: snap.UIDValidity}
	came, err := w.Store.Rows(w.Context(), ref, slices.DeleteFunc(snap.UIDs.All(), func(uid uint32) bool { return w.keywords[uid] != nil }))
	w.must(err)
	for _, r := range came {
		w.keywords[r.UID] = r.Keywords
	}
	w.known = upstream.Known{UIDValidity: snap.UIDValidity, HighestModSeq: snap.HighestModSeq, UIDs: snap.UIDs, Watched: snap.UIDs.All()}

	truth, err := w.other.Sync(w.Context(), "INBOX", upstream.Known{})
	w.must(err)
	if !slices.Equal(snap.UIDs.All(), truth.UIDs.All()) || !slices.Equal(snap.Unread.All(), truth.Unread.All()) {
		w.Fatalf("%v, unread %v, not %v, unread %v", snap.UIDs.All(), snap.Unread.All(), truth.UIDs.All(), truth.Unread.All())
	}
	rows, err := w.other.Rows(w.Context(), ref, truth.UIDs.All())
	w.must(err)
	if len(rows) != len(w.keywords) {
		w.Fatalf("%d messages, not %d", len(w.keywords), len(rows))
	}
	for _, r := range rows {
		if !maps.Equal(r.Keywords, w.keywords[r.UID]) {
			w.Fatalf("keywords of %d are %v, not %v", r.UID, w.keywords[r.UID], r.Keywords)
		}
	}
}
