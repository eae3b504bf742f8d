package method

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// million is an account whose INBOX has a million messages, all indexed. What it does
// not have here is not asked of it.
type million struct {
	Account
	memory Memory
	uids   upstream.UIDSet
	mail   int // how often the Email state changed
}

func newMillion(holes bool) *million {
	var b upstream.UIDSetBuilder
	for uid := uint32(1); uid <= 1_250_000; uid++ {
		if !holes && uid <= 1_000_000 || holes && uid%5 != 0 {
			b.AddRange(uid, uid)
		}
	}
	return &million{uids: b.Set()}
}

func (m *million) Memory() *Memory               { return &m.memory }
func (m *million) Indexed(context.Context) error { return nil }
func (m *million) IndexReady() bool              { return true }
func (m *million) State(string) jmap.State       { return jmap.State(fmt.Sprint(m.mail)) }

func (m *million) Spine(context.Context, jmap.Id) (Spine, error) {
	return Spine{
		Mailbox: "m1", UIDs: m.uids,
		EmailID: func(uid uint32) jmap.Id { return jmap.Id(fmt.Sprint("e1-1-", uid)) },
		UID: func(id jmap.Id) (uint32, bool) {
			var uid uint32
			_, err := fmt.Sscanf(string(id), "e1-1-%d", &uid)
			return uid, err == nil
		},
		Thread: func(uid uint32) (uint64, bool) { return uint64(uid/3) * 0x9e3779b97f4a7c15, true },
		// Mail comes nearly in the order of its dates.
		ReceivedAt: func(uid uint32) (time.Time, bool) { return time.Unix(int64(uid)*60+int64(uid%7)*100, 0), true },
	}, nil
}

// BenchmarkEmailQuery asks for windows of a mailbox of a million. The first query of a
// kind, and the first after mail came, pay for an order; windows do not.
func BenchmarkEmailQuery(b *testing.B) {
	for _, q := range []struct{ name, query string }{
		{"plain", `"filter": {"inMailbox": "m1"}`},
		{"receivedAt", `"filter": {"inMailbox": "m1"}, "sort": [{"property": "receivedAt", "isAscending": false}]`},
		{"threads", `"filter": {"inMailbox": "m1"}, "collapseThreads": true`},
		{"after", `"filter": {"inMailbox": "m1", "after": "1970-06-01T00:00:00Z"}`},
	} {
		for _, holes := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/holes=%v/window", q.name, holes), func(b *testing.B) {
				m := newMillion(holes)
				position := 0
				for b.Loop() {
					ask(b, m, fmt.Sprintf(`{"accountId": "a", %s, "position": %d, "limit": 50, "calculateTotal": true}`, q.query, position))
					position = (position + 77_777) % 300_000
				}
			})
			b.Run(fmt.Sprintf("%s/holes=%v/after mail came", q.name, holes), func(b *testing.B) {
				m := newMillion(holes)
				ask(b, m, fmt.Sprintf(`{"accountId": "a", %s, "limit": 50}`, q.query))
				for b.Loop() {
					m.mail++
					m.uids = m.uids.With(uint32(2_000_000 + m.mail))
					ask(b, m, fmt.Sprintf(`{"accountId": "a", %s, "limit": 50}`, q.query))
				}
			})
		}
	}
}

func ask(b *testing.B, m *million, args string) {
	b.Helper()
	answer, err := emailQuery(b.Context(), &call{args: json.RawMessage(args), account: m})
	if err != nil {
		b.Fatal(err)
	}
	if got := answer.(jmap.QueryResponse); len(got.Ids) != 50 {
		b.Fatal(got)
	}
}
