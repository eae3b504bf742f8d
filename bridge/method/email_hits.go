package method

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// ref is a message: the number of its spine in a result, and its UID.
type ref struct{ spine, uid uint32 }

// emailHits is emails of some spines, in order. refs nil: all of the only spine, newest
// UID first, which takes no memory whatever the size of the mailbox.
type emailHits struct {
	spines []Spine
	refs   []ref
}

func (h *emailHits) byUID() bool { return h.refs == nil && len(h.spines) == 1 }

// in is the same result with spines of the same messages that were read later.
func (h *emailHits) in(spines []Spine) *emailHits {
	if h.byUID() {
		return newestFirst(spines[0], h.spines[0].UIDs)
	}
	return &emailHits{spines, h.refs}
}

// Len counts the emails.
func (h *emailHits) Len() int {
	if h.byUID() {
		return h.spines[0].UIDs.Len()
	}
	return len(h.refs)
}

func (h *emailHits) ref(i int) ref {
	if h.byUID() {
		return ref{0, h.spines[0].UIDs.At(h.Len() - 1 - i)}
	}
	return h.refs[i]
}

// At gives the id at a place.
func (h *emailHits) At(i int) jmap.Id {
	r := h.ref(i)
	return h.spines[r.spine].EmailID(r.uid)
}

// Index gives the place of an email.
func (h *emailHits) Index(id jmap.Id) (int, bool) {
	if h.byUID() {
		i, ok := h.spines[0].Index(id)
		return h.Len() - 1 - i, ok
	}
	for n, spine := range h.spines {
		uid, ok := spine.UID(id)
		if !ok {
			continue
		}
		for i, r := range h.refs {
			if r == (ref{uint32(n), uid}) {
				return i, true
			}
		}
	}
	return 0, false
}

// all writes the emails out.
func (h *emailHits) all() []ref {
	if !h.byUID() {
		return h.refs
	}
	out := make([]ref, 0, h.Len())
	for i := range h.Len() {
		out = append(out, h.ref(i))
	}
	return out
}

func (h *emailHits) keys(in numbering) []uint64 {
	marks := make([]uint64, len(h.spines))
	for i, s := range h.spines {
		marks[i] = uint64(in.of(s.mark())) << 32
	}
	refs := h.all()
	out := make([]uint64, len(refs))
	for i, r := range refs {
		out[i] = marks[r.spine] | uint64(r.uid)
	}
	return out
}

func (h *emailHits) weight() int {
	octets := 8 * len(h.refs)
	for _, s := range h.spines {
		octets += 300
		if h.byUID() {
			for range s.UIDs.Ranges() {
				octets += 16
			}
		}
	}
	return octets
}

// state is what the result is known by: another result has another.
func (h *emailHits) state() (jmap.State, error) {
	sum := sha256.New()
	if h.byUID() {
		uids, err := h.spines[0].UIDs.MarshalBinary()
		if err != nil {
			return "", err
		}
		sum.Write([]byte(h.spines[0].mark() + "\n"))
		sum.Write(uids)
		return queryState(sum.Sum(nil)), nil
	}
	// Mailboxes that have nothing to do with the result are not to change its state.
	marks := map[uint32]jmap.Id{}
	buf := make([]byte, 0, 1<<16)
	for _, r := range h.refs {
		if _, ok := marks[r.spine]; !ok {
			marks[r.spine] = h.spines[r.spine].mark()
			buf = append(buf, marks[r.spine]+"\n"...)
		}
		if len(h.spines) > 1 {
			buf = append(buf, marks[r.spine]...)
		}
		if buf = binary.BigEndian.AppendUint32(buf, r.uid); len(buf) > 1<<15 {
			sum.Write(buf)
			buf = buf[:0]
		}
	}
	sum.Write(buf)
	return queryState(sum.Sum(nil)), nil
}

// mark names a mailbox and what its UIDs mean: it is another one when UIDVALIDITY
// changed. It is the id that a message of UID 0 would have, which there is not.
func (s Spine) mark() jmap.Id { return s.EmailID(0) }

// thread is the thread of a message; false: not known yet, it is one of its own.
func (h *emailHits) thread(r ref) (uint64, bool) { return h.spines[r.spine].Thread(r.uid) }

// collapse leaves the first email of each thread (RFC 8621 §4.4.3).
func (h *emailHits) collapse() *emailHits {
	refs := h.all()
	seen := make(map[uint64]struct{}, len(refs)/2)
	kept := make([]ref, 0, len(refs)/2)
	for _, r := range refs {
		if t, ok := h.thread(r); ok {
			if _, again := seen[t]; again {
				continue
			}
			seen[t] = struct{}{}
		}
		kept = append(kept, r)
	}
	return &emailHits{h.spines, kept}
}

// newestFirst is a result that takes no memory.
func newestFirst(s Spine, uids upstream.UIDSet) *emailHits {
	return &emailHits{spines: []Spine{s.Only(uids)}}
}
