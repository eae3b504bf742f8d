package account_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestManyHands: whatever we and another client do, in any order, ids never lie: an id
// means the message it was first seen for, or nothing; and once all is quiet our view is
// the server's.
func TestManyHands(t *testing.T) {
	db := openDB(t)
	dir := t.TempDir()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		d := &desk{t: rt, ctx: t.Context(), db: db, dir: dir, server: memstore.New()}
		d.other = d.server.Open()
		name := jmap.Id(fmt.Sprintf("r%d", run))
		d.start(name)
		defer func() { d.stop() }()
		boxes := map[string]string{"Inbox": "INBOX", "Archive": "Archive", "Trash": "Trash"}
		names := []string{"Inbox", "Archive", "Trash"}
		meant := map[jmap.Id]string{} // by id, the subject it was first seen with
		serial := 0
		look := func() map[string][]jmap.Id {
			seen := map[string][]jmap.Id{}
			for _, box := range names {
				seen[box] = d.ids(box)
			}
			for id := range meant {
				seen[""] = append(seen[""], id)
			}
			var all []jmap.Id
			for _, ids := range seen {
				all = append(all, ids...)
			}
			slices.Sort(all)
			for _, e := range d.emails(slices.Compact(all)...).List {
				if was, known := meant[e.Id]; known && was != e.Subject {
					rt.Fatalf("%s meant %q and now means %q", e.Id, was, e.Subject)
				}
				meant[e.Id] = e.Subject
			}
			return seen
		}
		pick := func(ids []jmap.Id) []jmap.Id {
			if len(ids) == 0 {
				return nil
			}
			return rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, min(3, len(ids)), rapid.ID[jmap.Id]).Draw(rt, "ids")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"deliver": func(*rapid.T) {
				serial++
				d.server.Deliver(fmt.Appendf(nil, "Subject: m%d\r\n\r\n", serial))
			},
			"we move": func(*rapid.T) {
				box, to := rapid.SampledFrom(names).Draw(rt, "from"), d.mailbox(rapid.SampledFrom(names).Draw(rt, "to"))
				update := map[jmap.Id]jmap.PatchObject{}
				for _, id := range pick(d.ids(box)) {
					update[id] = jmap.PatchObject{"mailboxIds": map[jmap.Id]bool{to: true}}
				}
				d.set1(update)
			},
			"we put elsewhere too": func(*rapid.T) {
				update := map[jmap.Id]jmap.PatchObject{}
				to := d.mailbox(rapid.SampledFrom(names).Draw(rt, "to"))
				for _, id := range pick(d.ids(rapid.SampledFrom(names).Draw(rt, "in"))) {
					update[id] = jmap.PatchObject{"mailboxIds/" + string(to): true}
				}
				d.set1(update)
			},
			"we flag": func(*rapid.T) {
				update := map[jmap.Id]jmap.PatchObject{}
				for _, id := range pick(d.ids(rapid.SampledFrom(names).Draw(rt, "in"))) {
					update[id] = jmap.PatchObject{"keywords/$flagged": true}
				}
				d.set1(update)
			},
			"we destroy": func(*rapid.T) { d.set1(nil, pick(d.ids("Trash"))...) },
			"they move": func(*rapid.T) {
				from, to := rapid.SampledFrom(names).Draw(rt, "from"), rapid.SampledFrom(names).Draw(rt, "to")
				d.behind(boxes[from], func(ref upstream.MailboxRef, uids []uint32) error {
					if len(uids) == 0 || from == to {
						return nil
					}
					_, err := d.other.Move(d.ctx, ref, uids[:1], boxes[to])
					return err
				})
			},
			"they expunge": func(*rapid.T) {
				box := rapid.SampledFrom(names).Draw(rt, "in")
				d.behind(boxes[box], func(ref upstream.MailboxRef, uids []uint32) error {
					if len(uids) == 0 {
						return nil
					}
					return d.other.Expunge(d.ctx, ref, uids[len(uids)-1:])
				})
			},
			"they renumber": func(*rapid.T) { d.server.Renumber(boxes[rapid.SampledFrom(names).Draw(rt, "box")]) },
			"restart": func(*rapid.T) {
				d.stop()
				d.start(name)
			},
			"": func(*rapid.T) { look() },
		})
		// When all is quiet we see what the server has.
		for _, box := range names {
			truth := map[string]int{}
			d.behind(boxes[box], func(ref upstream.MailboxRef, uids []uint32) error {
				rows, err := d.other.Rows(d.ctx, ref, uids)
				for _, r := range rows {
					truth[r.Envelope.Subject]++
				}
				return err
			})
			for tries := 0; ; tries++ {
				ours := map[string]int{}
				for _, e := range d.emails(d.ids(box)...).List {
					ours[e.Subject]++
				}
				if fmt.Sprint(ours) == fmt.Sprint(truth) {
					break
				}
				if tries > 2000 {
					rt.Fatalf("%s: we see %v, the server has %v", box, ours, truth)
				}
				time.Sleep(time.Millisecond)
			}
		}
	})
}
