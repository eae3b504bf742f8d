package account

import (
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// box is a mailbox to be counted.
type box struct {
	row    int64
	emails int
	unread upstream.UIDSet
	trash  bool
}

// threadCounts is how many threads a mailbox has, and how many of them are unread.
type threadCounts struct{ total, unread int }

// count counts the threads of mailboxes. A thread is unread in a mailbox that has one of
// its messages when any of them is unread; what lies in the trash counts there only
// (RFC 8621 §2). A message that is not in the index counts as a thread of its own, and
// so does each until the index is complete. It costs a few steps for each unread message
// and mailbox.
func (x *index) count(boxes []box) map[int64]threadCounts {
	x.mu.Lock() // it may have to be arranged
	defer x.mu.Unlock()
	out := make(map[int64]threadCounts, len(boxes))
	unread := map[bool]map[uint64]bool{true: {}, false: {}} // by whether in the trash
	for _, b := range boxes {
		out[b.row] = threadCounts{b.emails, b.unread.Len()}
		f := x.boxes[b.row]
		if f == nil || !x.complete {
			continue
		}
		f.arrange()
		missing := 0
		for _, uid := range b.unread.All() {
			if i, ok := slices.BinarySearch(f.uids, uid); ok {
				unread[b.trash][f.threads[i]] = true
			} else {
				missing++
			}
		}
		out[b.row] = threadCounts{f.distinct + max(b.emails-len(f.uids), 0), missing}
	}
	if !x.complete {
		return out
	}
	for _, b := range boxes {
		if f := x.boxes[b.row]; f != nil {
			c := out[b.row]
			c.unread += f.among(unread[b.trash])
			out[b.row] = c
		}
	}
	return out
}

// among counts the threads that are in a set: by looking for each of the set, or at each
// thread, whichever is less.
func (f *facts) among(set map[uint64]bool) int {
	n := 0
	if len(set) < len(f.byThread)/16 {
		for t := range set {
			if k := f.firstOf(t); k < len(f.byThread) && f.threadAt(k) == t {
				n++
			}
		}
		return n
	}
	last := uint64(0)
	for k := range f.byThread {
		if t := f.threadAt(k); t != last && set[t] {
			n++
			last = t
		}
	}
	return n
}
