package account

import (
	"cmp"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// facts is one mailbox in the index, by rising UID.
type facts struct {
	uids    []uint32
	at      []uint32
	threads []uint64
	objects []uint64
	// byThread is the UIDs once more, by thread and then UID.
	byThread []uint32
	distinct int  // how many threads there are
	loose    bool // byThread and distinct wait to be made anew: see arrange
}

// insert adds one message.
func (f *facts) insert(n fact) {
	i, found := slices.BinarySearch(f.uids, n.uid)
	if found {
		return
	}
	f.arrange()
	first := f.firstOf(n.thread)
	if first == len(f.byThread) || f.threadAt(first) != n.thread {
		f.distinct++
	}
	at := first
	for at < len(f.byThread) && f.threadAt(at) == n.thread && f.byThread[at] < n.uid {
		at++
	}
	f.byThread = slices.Insert(f.byThread, at, n.uid)
	f.uids = slices.Insert(f.uids, i, n.uid)
	f.at = slices.Insert(f.at, i, n.at)
	f.threads = slices.Insert(f.threads, i, n.thread)
	f.objects = slices.Insert(f.objects, i, n.object)
}

// merge adds many.
func (f *facts) merge(news []fact) {
	news = slices.Clone(news)
	slices.SortFunc(news, func(a, b fact) int { return cmp.Compare(a.uid, b.uid) })
	old := *f
	total := len(old.uids) + len(news)
	*f = facts{
		uids: make([]uint32, 0, total), at: make([]uint32, 0, total),
		threads: make([]uint64, 0, total), objects: make([]uint64, 0, total),
	}
	i := 0
	for _, n := range news {
		for ; i < len(old.uids) && old.uids[i] < n.uid; i++ {
			f.push(fact{uid: old.uids[i], at: old.at[i], thread: old.threads[i], object: old.objects[i]})
		}
		if i == len(old.uids) || old.uids[i] != n.uid {
			f.push(n)
		}
	}
	for ; i < len(old.uids); i++ {
		f.push(fact{uid: old.uids[i], at: old.at[i], thread: old.threads[i], object: old.objects[i]})
	}
	f.loose = true
}

func (f *facts) push(n fact) {
	if k := len(f.uids); k > 0 && f.uids[k-1] == n.uid {
		return
	}
	f.uids, f.at = append(f.uids, n.uid), append(f.at, n.at)
	f.threads, f.objects = append(f.threads, n.thread), append(f.objects, n.object)
}

// arrange makes byThread anew where many messages came: once for all of them, when it is
// needed.
func (f *facts) arrange() {
	if !f.loose {
		return
	}
	f.loose = false
	order := make([]uint32, len(f.uids))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(f.threads[a], f.threads[b]), cmp.Compare(a, b))
	})
	f.distinct = 0
	for k, i := range order {
		if k == 0 || f.threads[i] != f.threads[order[k-1]] {
			f.distinct++
		}
	}
	for k, i := range order {
		order[k] = f.uids[i]
	}
	f.byThread = order
}

func (f *facts) removeOne(uid uint32) {
	i, ok := slices.BinarySearch(f.uids, uid)
	if !ok {
		return
	}
	f.arrange()
	thread := f.threads[i]
	first := f.firstOf(thread)
	at := first + slices.Index(f.byThread[first:], uid)
	f.byThread = slices.Delete(f.byThread, at, at+1)
	f.uids, f.at = slices.Delete(f.uids, i, i+1), slices.Delete(f.at, i, i+1)
	f.threads, f.objects = slices.Delete(f.threads, i, i+1), slices.Delete(f.objects, i, i+1)
	if first == len(f.byThread) || f.threadAt(first) != thread {
		f.distinct--
	}
}

func (f *facts) removeMany(gone upstream.UIDSet) {
	kept := 0
	for i, uid := range f.uids {
		if !gone.Contains(uid) {
			f.uids[kept], f.at[kept], f.threads[kept], f.objects[kept] = uid, f.at[i], f.threads[i], f.objects[i]
			kept++
		}
	}
	f.uids, f.at, f.threads, f.objects = f.uids[:kept], f.at[:kept], f.threads[:kept], f.objects[:kept]
	f.loose = true
}

func (f *facts) has(uid uint32) bool {
	if f == nil {
		return false
	}
	_, ok := slices.BinarySearch(f.uids, uid)
	return ok
}

func (f *facts) thread(uid uint32) uint64 {
	i, _ := slices.BinarySearch(f.uids, uid)
	return f.threads[i]
}

// threadAt is the thread at a place of byThread.
func (f *facts) threadAt(k int) uint64 { return f.thread(f.byThread[k]) }

// firstOf is where a thread begins in byThread, or would.
func (f *facts) firstOf(thread uint64) int {
	k, _ := slices.BinarySearchFunc(f.byThread, thread, func(uid uint32, t uint64) int { return cmp.Compare(f.thread(uid), t) })
	for k > 0 && f.threadAt(k-1) == thread {
		k--
	}
	return k
}
