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
