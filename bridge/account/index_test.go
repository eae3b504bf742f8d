package account

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// letter is a message as the index sees it: n is its Message-ID, refs what it refers to.
func letter(uid uint32, n int, refs ...int) upstream.Fact {
	f := upstream.Fact{UID: uid, ReceivedAt: time.Unix(int64(1000+n), 0), MessageID: []string{fmt.Sprintf("m%d@test", n)}}
	for _, r := range refs {
		f.References = append(f.References, fmt.Sprintf("m%d@test", r))
	}
	return f
}

func (x *index) threadAt(t *testing.T, row int64, uid uint32) uint64 {
	t.Helper()
	f, ok := x.get(row, uid)
	if !ok {
		t.Fatalf("%d of mailbox %d is not in the index", uid, row)
	}
	return f.thread
}

// TestThreadsAreJoined: while the index is built, messages may come in any order, and from
// any mailbox.
func TestThreadsAreJoined(t *testing.T) {
	letters := []upstream.Fact{letter(1, 1), letter(2, 2, 1), letter(3, 3, 2), letter(4, 4, 3), letter(5, 5)}
	rapid.Check(t, func(rt *rapid.T) {
		x := newIndex()
		for _, f := range rapid.Permutation(letters).Draw(rt, "order") {
			x.add(rapid.Int64Range(1, 2).Draw(rt, "mailbox"), 1, []upstream.Fact{f})
		}
		x.settle()
		threads := map[uint64]int{}
		for row := range x.boxes {
			for _, uid := range x.boxes[row].uids {
				f, _ := x.get(row, uid)
				threads[f.thread] = len(x.members(f.thread))
			}
		}
		if got := slices.Sorted(maps.Values(threads)); !slices.Equal(got, []int{1, 4}) {
			rt.Errorf("threads of %v messages", got)
		}
	})
}

// TestAThreadNeverChanges: once the index is complete a message keeps its thread, and new
// ones go where they belong.
func TestAThreadNeverChanges(t *testing.T) {
	x := newIndex()
	x.add(1, 1, []upstream.Fact{letter(1, 1)})
	x.settle()
	x.add(1, 1, []upstream.Fact{letter(2, 3, 2)}) // answers what nobody has
	one, three := x.threadAt(t, 1, 1), x.threadAt(t, 1, 2)
	x.add(2, 1, []upstream.Fact{letter(1, 2)}) // which comes late
	if x.threadAt(t, 2, 1) != three {
		t.Error("what was answered is not with its answer")
	}
	x.add(1, 1, []upstream.Fact{letter(3, 4, 1, 3)}) // would join the two
	if got := x.threadAt(t, 1, 3); got != one && got != three {
		t.Error("an answer to both is with neither")
	}
	if x.threadAt(t, 1, 1) != one || x.threadAt(t, 1, 2) != three {
		t.Error("a thread changed")
	}
	x.add(1, 1, []upstream.Fact{{UID: 9}, {UID: 10}})
	if x.threadAt(t, 1, 9) == x.threadAt(t, 1, 10) {
		t.Error("messages without ids are one thread")
	}
}

// TestCirclesOfAnswers: who claims to answer his own answer does no harm.
func TestCirclesOfAnswers(t *testing.T) {
	x := newIndex()
	x.add(1, 1, []upstream.Fact{letter(1, 1, 2), letter(2, 2, 1), letter(3, 3, 3)})
	x.settle()
	if x.threadAt(t, 1, 1) != x.threadAt(t, 1, 2) {
		t.Error("they are two threads")
	}
}

// TestIndexCounts: whatever comes and goes, members and counts are those of a plain list.
func TestIndexCounts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := newIndex()
		have := map[place]bool{}
		next := uint32(0)
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				row := rapid.Int64Range(1, 3).Draw(rt, "mailbox")
				var news []upstream.Fact
				for range rapid.IntRange(1, 40).Draw(rt, "n") {
					next++
					news = append(news, letter(next, int(next), rapid.IntRange(1, int(next)).Draw(rt, "answers")))
					have[place{row, 1, next}] = true
				}
				x.add(row, 1, news)
			},
			"remove": func(rt *rapid.T) {
				row := rapid.Int64Range(1, 3).Draw(rt, "mailbox")
				var gone []uint32
				for p := range have {
					if p.mailbox == row && p.uid%uint32(rapid.IntRange(1, 5).Draw(rt, "which")) == 0 {
						gone = append(gone, p.uid)
						delete(have, p)
					}
				}
				x.remove(row, upstream.NewUIDSet(gone...))
			},
			"settle": func(*rapid.T) { x.settle() },
			"": func(rt *rapid.T) {
				byThread := map[uint64]int{}
				for row := range int64(4) {
					threads := map[uint64]bool{}
					var uids []uint32
					for p := range have {
						if p.mailbox != row {
							continue
						}
						f, ok := x.get(row, p.uid)
						if !ok {
							rt.Fatalf("%v is not there", p)
						}
						uids = append(uids, p.uid)
						threads[f.thread] = true
						byThread[f.thread]++
					}
					set := upstream.NewUIDSet(uids...)
					if got := x.count([]box{{row, set.Len(), set, false}})[row]; x.complete && (got.total != len(threads) || got.unread != len(threads)) {
						rt.Fatalf("mailbox %d has %+v, not %d threads", row, got, len(threads))
					}
					if x.missing(row, set).Len() != 0 {
						rt.Fatal("something is missing")
					}
				}
				for thread, n := range byThread {
					if got := len(x.members(thread)); got != n {
						rt.Fatalf("%d members of a thread of %d", got, n)
					}
				}
			},
		})
	})
}

// BenchmarkIndex: a million messages, in threads of four.
func BenchmarkIndex(b *testing.B) {
	x := newIndex()
	const n = 1_000_000
	for end := n; end > 0; end -= 10_000 {
		var piece []upstream.Fact
		for i := end - 10_000; i < end; i++ {
			piece = append(piece, letter(uint32(i+1), i, i-i%4))
		}
		x.add(1, 1, piece)
	}
	x.settle()
	b.Run("add", func(b *testing.B) {
		for i := range b.N {
			x.add(1, 1, []upstream.Fact{letter(uint32(n+i+1), n+i, n/2)})
		}
	})
	thread := x.boxes[1].threads[n/4]
	b.Run("members", func(b *testing.B) {
		for range b.N {
			x.members(thread)
		}
	})
	b.Run("remove", func(b *testing.B) {
		for i := range b.N {
			x.remove(1, upstream.NewUIDSet(uint32(i+1)))
		}
	})
}
