package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var uidValidityTests = []test{
	{"a UID of another time is ErrUIDValidity, and nothing is done", func(e *env) {
		uid := e.put("INBOX", letter("untouched"))
		ref := e.ref("INBOX")
		ref.UIDValidity--
		e.refuses(ref, uid, e.archive())
		e.has("INBOX", uid)
		e.has(e.archive())
		e.keywords(e.ref("INBOX"), uid)
	}},
	{"a mailbox that was renumbered behind the Store's back is noticed", func(e *env) {
		if e.Renumber == nil {
			e.Skip("mailboxes of this kind are never renumbered")
		}
		archive := e.archive()
		uid := e.put(archive, letter("old"))
		known := e.known(archive, []uint32{uid})
		old := e.ref(archive)
		e.row(old, uid) // it is open on a connection
		e.Renumber(e.T, archive)
		// What was open may be shown for a while yet, but not changed.
		if _, err := e.Store.Move(e.Context(), old, []uint32{uid}, "INBOX"); !errors.Is(err, upstream.ErrUIDValidity) {
			e.Errorf("Move: %v", err)
		}
		snap, err := e.Store.Sync(e.Context(), archive, known)
		e.must(err)
		if snap.UIDValidity == old.UIDValidity || snap.UIDValidity == 0 || snap.UIDs.Len() != 0 || len(snap.Changed) != 0 {
			e.Errorf("%+v", snap)
		}
		e.put(archive, letter("new"))
		e.refuses(old, uid, "INBOX")
		e.has("INBOX")
	}},
}

// refuses fails unless everything about a mailbox of another time is refused.
func (e *env) refuses(ref upstream.MailboxRef, uid uint32, to string) {
	e.Helper()
	ctx, uids := e.Context(), []uint32{uid}
	var moved, copied upstream.Moved
	for _, call := range []struct {
		what string
		err  func() error
	}{
		{"Rows", func() error { _, err := e.Store.Rows(ctx, ref, uids); return err }},
		{"Read", func() error { _, err := e.Store.Read(ctx, ref, uid, []upstream.Section{{}}); return err }},
		{"Search", func() error { _, err := e.Store.Search(ctx, ref, nil, 0); return err }},
		{"SetKeywords", func() error {
			_, err := e.Store.SetKeywords(ctx, ref, uids, []string{jmap.KeywordSeen}, nil)
			return err
		}},
		{"Move", func() (err error) { moved, err = e.Store.Move(ctx, ref, uids, to); return err }},
		{"Copy", func() (err error) { copied, err = e.Store.Copy(ctx, ref, uids, to); return err }},
		{"Expunge", func() error { return e.Store.Expunge(ctx, ref, uids) }},
	} {
		if err := call.err(); !errors.Is(err, upstream.ErrUIDValidity) {
			e.Errorf("%s: %v", call.what, err)
		}
	}
	if len(moved.UIDs)+len(moved.Gone)+len(copied.UIDs) != 0 {
		e.Errorf("%+v, %+v", moved, copied)
	}
}

var watchTests = []test{
	{"new mail is told", func(e *env) {
		events := e.Store.Watch(e.timeout())
		for range 2 {
			before := e.sync("INBOX").UIDs.Len()
			e.drain(events)
			e.Deliver(e.T, letter("news"))
			e.event(events, func() bool { return e.sync("INBOX").UIDs.Len() > before })
		}
	}},
	{"what another device does to INBOX is told", func(e *env) {
		other := e.other()
		uids := e.fill(2)
		ref := e.ref("INBOX")
		events := e.Store.Watch(e.timeout())
		e.Deliver(e.T, letter("to see that it watches"))
		e.event(events, func() bool { return e.sync("INBOX").UIDs.Len() == 3 })
		e.drain(events)
		_, err := other.SetKeywords(e.Context(), ref, uids[:1], []string{jmap.KeywordFlagged}, nil)
		e.must(err)
		e.event(events, func() bool { return e.row(ref, uids[0]).Keywords[jmap.KeywordFlagged] })
		e.drain(events)
		e.must(other.Expunge(e.Context(), ref, uids[1:]))
		e.event(events, func() bool { return !e.sync("INBOX").UIDs.Contains(uids[1]) })
	}},
	{"what another device does to other mailboxes is told", func(e *env) {
		other := e.other()
		archive := e.archive()
		e.sync(archive)
		events := e.Store.Watch(e.timeout())
		// A watcher must have looked once to see a difference: mail comes until it has.
		e.again(events, archive, func() {
			_, _, err := other.Append(e.Context(), archive, filing(letter("filed")))
			e.must(err)
		})
		n := 0
		e.again(events, "", func() {
			n++
			e.must(other.CreateMailbox(e.Context(), fmt.Sprintf("New %d", n), ""))
		})
	}},
	{"watching ends when it is told to", func(e *env) {
		ctx, cancel := context.WithCancel(e.Context())
		events := e.Store.Watch(ctx)
		cancel()
		e.closed(events)
		e.sync("INBOX")
	}},
	{"watching ends with the Store", func(e *env) {
		e.Deliver(e.T, letter("one"))
		events := e.Store.Watch(e.Context())
		e.must(e.Store.Close())
		e.closed(events)
	}},
}

// event waits for an event of INBOX after which it is so.
func (e *env) event(events <-chan upstream.Event, so func() bool) {
	e.Helper()
	deadline := time.After(patience)
	for {
		select {
		case ev, ok := <-events:
			if !ok || ev.Err != nil {
				e.Fatalf("watching ended: %+v", ev)
			}
			if ev.Mailbox == "INBOX" && so() {
				return
			}
		case <-deadline:
			e.Fatal("no event of INBOX")
		}
	}
}

// again does something until an event of a mailbox comes.
func (e *env) again(events <-chan upstream.Event, mailbox string, do func()) {
	e.Helper()
	deadline := time.After(patience)
	for {
		do()
		pause := time.After(500 * time.Millisecond)
		for waiting := true; waiting; {
			select {
			case ev, ok := <-events:
				if !ok || ev.Err != nil {
					e.Fatalf("watching ended: %+v", ev)
				}
				if ev == (upstream.Event{Mailbox: mailbox}) {
					return
				}
			case <-pause:
				waiting = false
			case <-deadline:
				e.Fatalf("no event of %q", mailbox)
			}
		}
	}
}

func (e *env) drain(events <-chan upstream.Event) {
	for {
		select {
		case <-events:
		default:
			return
		}
	}
}

func (e *env) closed(events <-chan upstream.Event) {
	e.Helper()
	deadline := time.After(patience)
	for {
		select {
		case _, ok := <-events:
			if !ok {
				return
			}
		case <-deadline:
			e.Fatal("the channel stays open")
		}
	}
}

var lifeTests = []test{
	{"a caller that gives up is let go, and the Store goes on", func(e *env) {
		uid := e.put("INBOX", letter("hello"))
		ref := e.ref("INBOX")
		ctx, cancel := context.WithCancel(e.Context())
		cancel()
		for _, err := range []error{
			second(e.Store.Mailboxes(ctx)), second(e.Store.Statuses(ctx)), second(e.Store.Sync(ctx, "INBOX", upstream.Known{})),
			second(e.Store.Rows(ctx, ref, []uint32{uid})), e.Store.Expunge(ctx, ref, []uint32{uid}),
			second(e.Store.Move(ctx, ref, []uint32{uid}, e.archive())),
		} {
			if !errors.Is(err, context.Canceled) {
				e.Errorf("%v", err)
			}
		}
		e.has("INBOX", uid)
	}},
	{"many callers at once get what they asked for", func(e *env) {
		uids := e.fill(8)
		ref, archive := e.ref("INBOX"), e.archive()
		ctx := e.timeout()
		var wg sync.WaitGroup
		for i, uid := range uids {
			wg.Go(func() {
				for range 3 {
					rows, err := e.Store.Rows(ctx, ref, []uint32{uid})
					if err != nil || len(rows) != 1 || rows[0].Envelope.Subject != fmt.Sprintf("message %d", i+1) {
						e.Errorf("%d: %+v, %v", uid, rows, err)
					}
					if _, err := e.Store.Sync(ctx, archive, upstream.Known{}); err != nil {
						e.Error(err)
					}
					if _, err := e.Store.SetKeywords(ctx, ref, []uint32{uid}, []string{fmt.Sprintf("k%d", i)}, nil); err != nil {
						e.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for i, uid := range uids {
			e.keywords(ref, uid, fmt.Sprintf("k%d", i))
		}
		for _, uid := range uids {
			wg.Go(func() {
				if _, err := e.Store.Move(ctx, ref, []uint32{uid}, archive); err != nil {
					e.Error(err)
				}
			})
		}
		wg.Wait()
		e.has("INBOX")
		rows, err := e.Store.Rows(ctx, e.ref(archive), e.sync(archive).UIDs.All())
		e.must(err)
		var subjects []string
		for _, r := range rows {
			subjects = append(subjects, r.Envelope.Subject)
		}
		if slices.Sort(subjects); len(slices.Compact(subjects)) != len(uids) || len(rows) != len(uids) {
			e.Errorf("%q", subjects)
		}
	}},
	{"a closed Store does nothing more", func(e *env) {
		e.must(e.Store.Close())
		for range 10 {
			if _, err := e.Store.Mailboxes(e.timeout()); err == nil {
				e.Fatal("it answered")
			}
		}
		if _, _, err := e.Store.Append(e.timeout(), "INBOX", filing(letter("late"))); err == nil {
			e.Error("it took a message")
		}
	}},
}

func second[T any](_ T, err error) error { return err }
