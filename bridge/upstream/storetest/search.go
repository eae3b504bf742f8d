package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var searchTests = []test{
	{"a search finds what matches", func(e *env) {
		day := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
		file := func(raw []byte, received time.Time, keywords ...string) {
			m := filing(raw, keywords...)
			m.ReceivedAt = received
			_, _, err := e.Store.Append(e.Context(), "INBOX", m)
			e.must(err)
		}
		file(letter("tea", "X-Spam: no", "Cc: charles@example.net"), day(2), jmap.KeywordSeen)
		file(letter("coffee and tea"), day(12), jmap.KeywordFlagged, "project-x")
		file(album, day(22))
		uids := e.sync("INBOX").UIDs.All()
		if len(uids) != 3 {
			e.Fatal(uids)
		}
		subject := func(s string) jmap.EmailFilter { return jmap.EmailFilter{Subject: s} }
		for _, c := range []struct {
			what   string
			filter *jmap.EmailFilter
			want   []int // of the messages above
		}{
			{"nothing asked", nil, []int{0, 1, 2}},
			{"an empty condition", &jmap.EmailFilter{}, []int{0, 1, 2}},
			{"subject", &jmap.EmailFilter{Subject: "TEA"}, []int{0, 1}},
			{"encoded subject", &jmap.EmailFilter{Subject: "grüße"}, []int{2}},
			{"from", &jmap.EmailFilter{From: "ada@"}, []int{0, 1, 2}},
			{"to", &jmap.EmailFilter{To: "juergen"}, []int{2}},
			{"cc", &jmap.EmailFilter{Cc: "charles"}, []int{0}},
			{"body", &jmap.EmailFilter{Body: "about coffee"}, []int{1}},
			{"encoded body", &jmap.EmailFilter{Body: "café"}, []int{2}},
			{"text", &jmap.EmailFilter{Text: "charles"}, []int{0}},
			{"quotes and backslashes", &jmap.EmailFilter{Text: `no "such\ thing`}, nil},
			{"header", &jmap.EmailFilter{Header: []string{"X-Spam"}}, []int{0}},
			{"header and value", &jmap.EmailFilter{Header: []string{"X-Spam", "yes"}}, nil},
			{"keyword", &jmap.EmailFilter{HasKeyword: "project-x"}, []int{1}},
			{"keyword nobody has", &jmap.EmailFilter{HasKeyword: "project-y"}, nil},
			{"keyword nobody can have", &jmap.EmailFilter{HasKeyword: "not (a keyword"}, nil},
			{"without a keyword nobody can have", &jmap.EmailFilter{NotKeyword: "not (a keyword"}, []int{0, 1, 2}},
			{"seen", &jmap.EmailFilter{HasKeyword: jmap.KeywordSeen}, []int{0}},
			{"unseen", &jmap.EmailFilter{NotKeyword: jmap.KeywordSeen}, []int{1, 2}},
			{"size", &jmap.EmailFilter{MinSize: int64(len(album))}, []int{2}},
			{"smaller", &jmap.EmailFilter{MaxSize: int64(len(album))}, []int{0, 1}},
			{"after", &jmap.EmailFilter{After: day(7)}, []int{1, 2}},
			{"before", &jmap.EmailFilter{Before: day(17)}, []int{0, 1}},
			{"between", &jmap.EmailFilter{After: day(7), Before: day(17)}, []int{1}},
			{"two conditions", &jmap.EmailFilter{Subject: "tea", HasKeyword: jmap.KeywordFlagged}, []int{1}},
			{"AND", &jmap.EmailFilter{Operator: "AND", Conditions: []jmap.EmailFilter{subject("tea"), subject("coffee")}}, []int{1}},
			{"AND of one header twice", &jmap.EmailFilter{Operator: "AND", Conditions: []jmap.EmailFilter{{HasKeyword: "project-x"}, {HasKeyword: jmap.KeywordSeen}}}, nil},
			{"AND of sizes and days", &jmap.EmailFilter{Operator: "AND", Conditions: []jmap.EmailFilter{{After: day(7)}, {After: day(17)}, {MinSize: int64(len(album))}, {MinSize: 1}, {Before: day(30)}, {Before: day(28)}}}, []int{2}},
			{"OR", &jmap.EmailFilter{Operator: "OR", Conditions: []jmap.EmailFilter{subject("coffee"), subject("lisbon"), subject("absent")}}, []int{1, 2}},
			{"OR of one", &jmap.EmailFilter{Operator: "OR", Conditions: []jmap.EmailFilter{subject("lisbon")}}, []int{2}},
			{"OR of none", &jmap.EmailFilter{Operator: "OR"}, nil},
			{"OR with everything", &jmap.EmailFilter{Operator: "OR", Conditions: []jmap.EmailFilter{{}, subject("lisbon")}}, []int{0, 1, 2}},
			{"NOT", &jmap.EmailFilter{Operator: "NOT", Conditions: []jmap.EmailFilter{subject("coffee"), subject("lisbon")}}, []int{0}},
			{"NOT of two at once", &jmap.EmailFilter{Operator: "NOT", Conditions: []jmap.EmailFilter{{Subject: "tea", HasKeyword: jmap.KeywordFlagged}}}, []int{0, 2}},
			{"deeper", &jmap.EmailFilter{Operator: "AND", Conditions: []jmap.EmailFilter{
				subject("tea"),
				{Operator: "NOT", Conditions: []jmap.EmailFilter{{Operator: "OR", Conditions: []jmap.EmailFilter{{HasKeyword: jmap.KeywordSeen}, subject("lisbon")}}}},
			}}, []int{1}},
		} {
			var want []uint32
			for _, i := range c.want {
				want = append(want, uids[i])
			}
			got, err := e.Store.Search(e.Context(), e.ref("INBOX"), c.filter, 0)
			if err != nil || !slices.Equal(got.All(), want) {
				e.Errorf("%s: %v (%v), not %v", c.what, got.All(), err, want)
			}
		}
	}},
	{"a search from a UID on leaves out what is before it, and finds nothing beyond the last", func(e *env) {
		first, second := e.put("INBOX", letter("tea one")), e.put("INBOX", letter("tea two"))
		for from, want := range map[uint32][]uint32{first: {first, second}, second: {second}, second + 1: {}} {
			got, err := e.Store.Search(e.Context(), e.ref("INBOX"), &jmap.EmailFilter{Subject: "tea"}, from)
			if err != nil || !slices.Equal(got.All(), want) {
				e.Errorf("from %d: %v (%v), not %v", from, got.All(), err, want)
			}
		}
	}},
	{"what cannot be searched for is ErrUnsupported, not a guess", func(e *env) {
		uid := e.put("INBOX", album)
		e.put("INBOX", letter("nothing attached"))
		yes := true
		got, err := e.Store.Search(e.Context(), e.ref("INBOX"), &jmap.EmailFilter{HasAttachment: &yes}, 0)
		if !errors.Is(err, upstream.ErrUnsupported) && (err != nil || !slices.Equal(got.All(), []uint32{uid})) {
			e.Errorf("%v, %v", got.All(), err)
		}
	}},
	{"a sort sorts, or is ErrUnsupported", func(e *env) {
		b, a, c := e.put("INBOX", letter("b")), e.put("INBOX", letter("a")), e.put("INBOX", letter("c"))
		up, down := true, false
		for by, want := range map[*bool][]uint32{&up: {a, b, c}, &down: {c, b, a}} {
			got, err := e.Store.Sort(e.Context(), e.ref("INBOX"), nil, []jmap.Comparator{{Property: "subject", IsAscending: by}})
			if !errors.Is(err, upstream.ErrUnsupported) && (err != nil || !slices.Equal(got, want)) {
				e.Errorf("ascending %v: %v, %v", *by, got, err)
			}
		}
		if _, err := e.Store.Sort(e.Context(), e.ref("INBOX"), nil, []jmap.Comparator{{Property: "mood"}}); !errors.Is(err, upstream.ErrUnsupported) {
			e.Errorf("%v", err)
		}
	}},
}
