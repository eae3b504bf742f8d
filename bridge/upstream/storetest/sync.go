package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var syncTests = []test{
	{"an empty mailbox is empty", func(e *env) {
		snap := e.sync("INBOX")
		if snap.UIDs.Len() != 0 || snap.UIDValidity == 0 || snap.UIDNext == 0 || len(snap.Changed) != 0 || snap.ReadOnly || !snap.NewKeywords {
			e.Errorf("%+v", snap)
		}
	}},
	{"a mailbox has its messages, newest last", func(e *env) {
		uids := e.fill(3)
		snap := e.sync("INBOX")
		if got := snap.UIDs.All(); !slices.Equal(got, uids) || !slices.IsSorted(got) {
			e.Errorf("%v, not %v", got, uids)
		}
		if snap.Messages != 3 || snap.UIDNext <= uids[2] {
			e.Errorf("%+v", snap.Status)
		}
	}},
	{"what came and went behind the Store's back shows", func(e *env) {
		other := e.other()
		uids := e.fill(3)
		e.row(e.ref("INBOX"), uids[2]) // the mailbox is open on a connection
		e.must(other.Expunge(e.Context(), e.ref("INBOX"), uids[:1]))
		_, _, err := other.Append(e.Context(), "INBOX", filing(letter("new")))
		e.must(err)
		snap := e.sync("INBOX")
		if snap.UIDs.Len() != 3 || snap.UIDs.Contains(uids[0]) || !snap.UIDs.Contains(uids[2]) {
			e.Errorf("%v", snap.UIDs.All())
		}
		newest := snap.UIDs.At(2)
		if newest <= uids[2] {
			e.Errorf("UID %d was given after %d", newest, uids[2])
		}
		e.row(e.ref("INBOX"), newest)
	}},
	{"keywords that changed are told", func(e *env) {
		uids := e.fill(4)
		known := e.known("INBOX", uids)
		ref := e.ref("INBOX")
		_, err := e.Store.SetKeywords(e.Context(), ref, uids[1:2], []string{jmap.KeywordSeen, "project-x"}, nil)
		e.must(err)
		e.told(known, uids[1], jmap.KeywordSeen, "project-x")

		known = e.known("INBOX", uids)
		_, err = e.Store.SetKeywords(e.Context(), ref, uids[1:2], nil, []string{jmap.KeywordSeen, "project-x"})
		e.must(err)
		e.told(known, uids[1])
	}},
	{"keywords that another device changed are told, and shown", func(e *env) {
		other := e.other()
		uids := e.fill(2)
		known, ref := e.known("INBOX", uids), e.ref("INBOX")
		e.row(ref, uids[0])
		_, err := other.SetKeywords(e.Context(), ref, uids[:1], []string{jmap.KeywordFlagged}, nil)
		e.must(err)
		e.told(known, uids[0], jmap.KeywordFlagged)
		e.keywords(ref, uids[0], jmap.KeywordFlagged)
	}},
	{"what is unread is told", func(e *env) {
		uids := e.fill(3)
		_, err := e.Store.SetKeywords(e.Context(), e.ref("INBOX"), uids[1:2], []string{jmap.KeywordSeen}, nil)
		e.must(err)
		if got := e.sync("INBOX").Unread.All(); !slices.Equal(got, []uint32{uids[0], uids[2]}) {
			e.Errorf("%v is unread, of %v without the second", got, uids)
		}
	}},
	{"the index has each message once, newest first", func(e *env) {
		uids := e.fill(3)
		_, err := e.Store.Copy(e.Context(), e.ref("INBOX"), uids[:1], e.archive())
		e.must(err)
		var facts []upstream.Fact
		e.must(e.Store.Index(e.Context(), e.ref("INBOX"), upstream.NewUIDSet(append(uids, uids[2]+10)...), func(piece []upstream.Fact) error {
			facts = append(facts, piece...)
			return nil
		}))
		slices.SortFunc(facts, func(a, b upstream.Fact) int { return int(a.UID) - int(b.UID) })
		for i, f := range facts {
			if f.UID != uids[i] || !slices.Equal(f.MessageID, []string{fmt.Sprintf("message-%d@example.org", i+1)}) || time.Since(f.ReceivedAt) > 24*time.Hour {
				e.Errorf("%+v", f)
			}
		}
		if len(facts) != 3 {
			e.Errorf("%d facts of 3 messages", len(facts))
		}
	}},
	{"nothing changed: what is told is what is", func(e *env) {
		uids := e.fill(2)
		snap, err := e.Store.Sync(e.Context(), "INBOX", e.known("INBOX", uids))
		e.must(err)
		for _, k := range snap.Changed {
			if len(k.Set) != 0 || k.Gone {
				e.Errorf("%+v", k)
			}
		}
	}},
}

// known is what a caller has of a mailbox that has shown it all.
func (e *env) known(mailbox string, watched []uint32) upstream.Known {
	e.Helper()
	snap := e.sync(mailbox)
	return upstream.Known{UIDValidity: snap.UIDValidity, HighestModSeq: snap.HighestModSeq, UIDs: snap.UIDs, Watched: watched}
}

// told fails unless INBOX tells of these keywords of a message.
func (e *env) told(known upstream.Known, uid uint32, want ...string) {
	e.Helper()
	snap, err := e.Store.Sync(e.Context(), "INBOX", known)
	e.must(err)
	for _, k := range snap.Changed {
		if k.UID == uid {
			e.sameKeywords(k.Set, want...)
			return
		}
	}
	e.Errorf("nothing is told of %d: %+v", uid, snap.Changed)
}
