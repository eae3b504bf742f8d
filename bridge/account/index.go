package account

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// fact is what the index keeps of one message: numbers of fixed size, so that a
// mailbox of a million is some twenty megabytes.
type fact struct {
	uid    uint32
	at     uint32 // INTERNALDATE, Unix seconds
	id     uint64 // of its Message-ID; 0: none
	thread uint64
	object uint64 // of what the server calls the message wherever it lies; 0: nothing
}

// index knows the thread and the date of every message of an account. The owner
// goroutine writes; anybody may read.
type index struct {
	mu    sync.RWMutex
	boxes map[int64]*facts // guarded by mu; by mailbox row
	// up leads from a message that answers another to the thread both are in; one
	// that begins a thread, or was never seen, is its own.
	up map[uint64]uint64 // guarded by mu
	// complete: every message there is has been taken in once.
	complete bool   // guarded by mu
	version  uint64 // guarded by mu; another after each change
}

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

func newIndex() *index { return &index{boxes: map[int64]*facts{}, up: map[uint64]uint64{}} }

// hashOf makes a number of an id. Never 0. The hash is one nobody can aim, or a sender
// could put mail into a stranger's thread.
func hashOf(words ...string) uint64 {
	h := sha256.New()
	for _, w := range words {
		_, _ = io.WriteString(h, w) // a hash takes everything
		h.Write([]byte{0})
	}
	return max(binary.LittleEndian.Uint64(h.Sum(nil)), 1)
}

// resolve follows an id to its thread.
func (x *index) resolve(id uint64) uint64 {
	for next, ok := x.up[id]; ok; next, ok = x.up[id] {
		id = next
	}
	return id
}

// join lets what goes by another thread go by this one from now on; what was given a
// thread before the index was complete follows when it settles.
func (x *index) join(thread, other uint64) {
	if r := x.resolve(other); r != thread && other != 0 && (!x.complete || !x.has(r)) {
		x.up[r] = thread
	}
}

// threadOf finds the thread of a message. While the index is built all that refer to
// one another are joined. Later a thread is never changed (RFC 8621 §4.1.1): a message
// goes into one that a message it refers to is in, else into one of those that refer
// to it.
func (x *index) threadOf(f *upstream.Fact, place string) (id, thread uint64) {
	related, id := relatives(f)
	switch {
	case f.ThreadID != "":
		return id, hashOf("server", f.ThreadID)
	case len(related) == 0:
		return 0, hashOf("no Message-ID", place)
	}
	thread = x.resolve(related[0])
	if x.complete {
		for _, r := range related {
			if t := x.resolve(r); x.has(t) {
				thread = t
				break
			}
		}
	}
	for _, r := range related {
		x.join(thread, r)
	}
	return id, thread
}

// relatives is what a message refers to, the oldest first, and itself.
func relatives(f *upstream.Fact) (related []uint64, id uint64) {
	for _, ids := range [][]string{f.References, f.InReplyTo, f.MessageID[:min(len(f.MessageID), 1)]} {
		for _, r := range ids {
			related = append(related, hashOf(r))
		}
	}
	if len(f.MessageID) > 0 {
		id = related[len(related)-1]
	}
	return related, id
}

// guess is the thread that a message which was not taken in yet will most likely have.
func (x *index) guess(f *upstream.Fact, place string) uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	related, _ := relatives(f)
	switch {
	case f.ThreadID != "":
		return hashOf("server", f.ThreadID)
	case len(related) == 0:
		return hashOf("no Message-ID", place)
	}
	return x.resolve(related[0])
}

// has reports whether a thread has messages.
func (x *index) has(thread uint64) bool {
	for _, f := range x.boxes {
		f.arrange()
		if at := f.firstOf(thread); at < len(f.byThread) && f.threadAt(at) == thread {
			return true
		}
	}
	return false
}

// add takes in messages of one mailbox, and gives what is to be kept of them. Those it
// has are left as they are.
func (x *index) add(row int64, gen int, news []upstream.Fact) []fact {
	x.mu.Lock()
	defer x.mu.Unlock()
	// What is answered comes before its answers.
	slices.SortStableFunc(news, func(a, b upstream.Fact) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	out := make([]fact, 0, len(news))
	for i := range news {
		f := &news[i]
		if x.boxes[row].has(f.UID) {
			continue
		}
		id, thread := x.threadOf(f, string(place{row, gen, f.UID}.emailID()))
		made := fact{uid: f.UID, at: seconds(f.ReceivedAt), id: id, thread: thread}
		if f.ObjectID != "" {
			made.object = hashOf(f.ObjectID)
		}
		out = append(out, made)
	}
	x.put(row, out)
	return out
}

func seconds(t time.Time) uint32 { return uint32(min(max(t.Unix(), 0), 1<<32-1)) }

// restore takes in what was kept of a mailbox, by rising UID.
func (x *index) restore(row int64, kept iter.Seq[fact]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f := new(facts)
	for k := range kept {
		if k.id != 0 {
			x.join(k.thread, k.id)
		}
		f.push(k)
	}
	f.loose = true
	x.boxes[row] = f
	x.version++
}

// settle ends the building: every message gets the thread that all that is known says,
// and it is its thread from now on. It gives the messages whose thread became another.
func (x *index) settle() (changed map[int64][]uint32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.complete = true
	x.version++
	changed = map[int64][]uint32{}
	for row, f := range x.boxes {
		for i, t := range f.threads {
			if now := x.resolve(t); now != t {
				f.threads[i] = now
				changed[row] = append(changed[row], f.uids[i])
			}
		}
		f.loose = f.loose || changed[row] != nil
		f.arrange()
	}
	return changed
}

func (x *index) put(row int64, news []fact) {
	if len(news) == 0 {
		return
	}
	x.version++
	f := x.boxes[row]
	if f == nil {
		f = new(facts)
		x.boxes[row] = f
	}
	if len(news) < 16 {
		for _, n := range news {
			f.insert(n)
		}
		return
	}
	f.merge(news)
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

// remove forgets messages of a mailbox: a few by looking for them, many in one walk over
// what the mailbox has.
func (x *index) remove(row int64, gone upstream.UIDSet) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f := x.boxes[row]
	if f == nil || gone.Len() == 0 {
		return
	}
	x.version++
	if gone.Len() > 100 {
		f.removeMany(gone)
		return
	}
	for _, uid := range gone.All() {
		f.removeOne(uid)
	}
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

// move takes in a message that has come from another mailbox, as it was.
func (x *index) move(row int64, f fact) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.put(row, []fact{f})
}

// drop forgets a mailbox.
func (x *index) drop(row int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.version++
	delete(x.boxes, row)
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

// get gives what is known of a message.
func (x *index) get(row int64, uid uint32) (fact, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	f := x.boxes[row]
	if f == nil {
		return fact{}, false
	}
	i, ok := slices.BinarySearch(f.uids, uid)
	if !ok {
		return fact{}, false
	}
	return fact{uid: uid, at: f.at[i], thread: f.threads[i], object: f.objects[i]}, true
}

// member is a message of a thread.
type member struct {
	row int64
	uid uint32
	at  uint32
}

// members is the messages of a thread over all mailboxes, oldest first (RFC 8621 §3).
func (x *index) members(thread uint64) []member {
	x.mu.Lock() // it may have to be arranged
	defer x.mu.Unlock()
	var out []member
	for row, f := range x.boxes {
		f.arrange()
		for k := f.firstOf(thread); k < len(f.byThread) && f.threadAt(k) == thread; k++ {
			uid := f.byThread[k]
			i, _ := slices.BinarySearch(f.uids, uid)
			out = append(out, member{row, uid, f.at[i]})
		}
	}
	slices.SortFunc(out, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.row, b.row), cmp.Compare(a.uid, b.uid))
	})
	return out
}

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

// missing is which of these messages the index does not have.
func (x *index) missing(row int64, uids upstream.UIDSet) upstream.UIDSet {
	x.mu.RLock()
	defer x.mu.RUnlock()
	f := x.boxes[row]
	if f == nil {
		return uids
	}
	var known upstream.UIDSetBuilder
	for _, uid := range f.uids {
		known.AddRange(uid, uid)
	}
	return uids.Minus(known.Set())
}

// find finds messages, other than those of one mailbox, that go by these objects.
func (x *index) find(except int64, objects map[uint64]bool) []member {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []member
	for row, f := range x.boxes {
		if row == except {
			continue
		}
		for i, o := range f.objects {
			if o != 0 && objects[o] {
				out = append(out, member{row, f.uids[i], f.at[i]})
			}
		}
	}
	return out
}
