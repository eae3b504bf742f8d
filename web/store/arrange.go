package store

import (
	"slices"
	"sort"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// edit is what pending changes do to a list at one place: take an id out, or put
// one in before confirmed position at.
type edit struct {
	id      jmap.Id
	at      int // confirmed position
	insert  bool
	shownAt int // position as shown: of the inserted id, or of what follows the removed one
	delta   int // shown minus confirmed position, after this edit
}

// starts is the first shown position that the edit's delta holds for.
func (e edit) starts() int {
	if e.insert {
		return e.shownAt + 1
	}
	return e.shownAt
}

// toConfirmed gives the confirmed position shown at i, or the id put in there.
func (l *List) toConfirmed(i int) (p int, inserted jmap.Id) {
	k := sort.Search(len(l.edits), func(k int) bool { return l.edits[k].starts() > i })
	if k < len(l.edits) && l.edits[k].insert && l.edits[k].shownAt == i {
		return l.edits[k].at, l.edits[k].id
	}
	if k == 0 {
		return i, ""
	}
	return i - l.edits[k-1].delta, ""
}

// toShown gives the shown position of a confirmed one that is not taken out.
func (l *List) toShown(p int) int {
	k := sort.Search(len(l.edits), func(k int) bool {
		return l.edits[k].at > p || l.edits[k].at == p && !l.edits[k].insert
	})
	if k == 0 {
		return p
	}
	return p + l.edits[k-1].delta
}

// rearrange makes the edits anew from the pending changes.
func (l *List) rearrange() {
	if !l.loaded || len(l.account.pending()) == 0 && len(l.edits) == 0 {
		return
	}
	l.keepView(l.makeEdits)
}

func (l *List) makeEdits() {
	l.edits = nil
	verdicts := make(map[jmap.Id]verdict)
	for _, op := range l.account.pending() { // the last word counts
		for id, c := range op.changes {
			var after map[jmap.Id]bool
			if e := l.record(id); e != nil {
				after = e.shown.MailboxIds
			}
			if v := l.judge(id, c, after); v != unmoved {
				verdicts[id] = v
			}
		}
	}
	in := make(map[jmap.Id]bool) // put in by now
	for id, v := range verdicts {
		p, there := l.confirmed.find(id)
		if v != leaves || !there {
			continue
		}
		l.edits = append(l.edits, edit{id: id, at: p})
		if heir := l.heir(id, func(e *Email) bool { return verdicts[e.shown.Id] != leaves && e.shown.MailboxIds[l.query.Mailbox] }); heir != "" && !in[heir] {
			in[heir] = true
			l.edits = append(l.edits, edit{id: heir, at: p, insert: true})
		}
	}
	for id, v := range verdicts {
		if _, there := l.confirmed.find(id); v != enters || there || in[id] {
			continue
		}
		if row, ok := l.standsFor(id); ok && verdicts[row] != leaves {
			if l.newerFirst(id, row) >= 0 {
				continue
			}
			at, _ := l.confirmed.find(row)
			l.edits = append(l.edits, edit{id: row, at: at})
		}
		if p, ok := l.placeFor(id); ok {
			l.edits = append(l.edits, edit{id: id, at: p, insert: true})
		}
	}
	slices.SortFunc(l.edits, func(a, b edit) int {
		switch {
		case a.at != b.at:
			return a.at - b.at
		case a.insert != b.insert:
			if a.insert {
				return -1
			}
			return 1
		}
		return l.newerFirst(a.id, b.id)
	})
	delta := 0
	for i := range l.edits {
		e := &l.edits[i]
		e.shownAt = e.at + delta
		if e.insert {
			delta++
		} else {
			delta--
		}
		e.delta = delta
	}
}

// heir is the newest email that stands for a conversation once the one that does is gone:
// of those that lie there. "" if there is none, or no row is a conversation.
func (l *List) heir(id jmap.Id, lies func(e *Email) bool) jmap.Id {
	if !l.query.Threads || l.query.Mailbox == "" || l.query.Only != (Only{}) {
		return ""
	}
	for _, other := range slices.Backward(l.account.Conversation(id)) {
		if e := l.account.emails.byId[other]; e != nil && other != id && lies(e) {
			return other
		}
	}
	return ""
}

// replace takes a row out and puts its heir there, if it has one and that has no row.
func (l *List) replace(p int, heir jmap.Id) {
	l.confirmed.remove(p)
	if _, there := l.confirmed.find(heir); heir != "" && !there {
		l.confirmed.insert(p, heir)
	}
}

// standsFor is the email whose row is that of the conversation of another one.
func (l *List) standsFor(id jmap.Id) (jmap.Id, bool) {
	if !l.query.Threads {
		return "", false
	}
	for _, other := range l.account.Conversation(id) {
		if _, there := l.confirmed.find(other); there && other != id {
			return other, true
		}
	}
	return "", false
}

// placeFor finds where an email belongs by its date: between two neighbours that
// are both known, or at an end. In a list of another order or of some emails only, the
// next answer of the bridge puts it in its place.
func (l *List) placeFor(id jmap.Id) (int, bool) {
	e := l.record(id)
	if e == nil || !l.query.ordered() {
		return 0, false
	}
	if l.confirmed.total == 0 {
		return 0, true
	}
	for _, r := range l.confirmed.runs {
		newer := r.start == 0 // than the row at hand: the place is right above it
		for i, other := range r.ids {
			o := l.record(other)
			older := o != nil && o.confirmed.ReceivedAt.Before(e.confirmed.ReceivedAt)
			if older && newer {
				return r.start + i, true
			}
			newer = o != nil && !older
		}
		if newer && r.end() == l.confirmed.total {
			return r.end(), true
		}
	}
	return 0, false
}

func (l *List) newerFirst(a, b jmap.Id) int {
	x, y := l.record(a), l.record(b)
	if x == nil || y == nil {
		return 0
	}
	return y.confirmed.ReceivedAt.Compare(x.confirmed.ReceivedAt)
}

// settle makes what a settled op did to the list part of what is confirmed, and
// takes back what it was refused. No answer of the bridge is of this very
// version, so the next one replaces it.
func (l *List) settle(op *Op) {
	if !l.loaded {
		return
	}
	var out []int
	var in []jmap.Id
	heirs := make(map[int]jmap.Id)
	for id, c := range op.changes {
		var after map[jmap.Id]bool
		if e := l.record(id); e != nil {
			after = e.confirmed.MailboxIds
		}
		p, there := l.confirmed.find(id)
		switch v := l.judge(id, c, after); {
		case v == leaves && there:
			out = append(out, p)
			heirs[p] = l.heir(id, func(e *Email) bool { return e.confirmed.MailboxIds[l.query.Mailbox] })
		case v == enters && !there:
			in = append(in, id)
		}
	}
	slices.Sort(out)
	slices.SortFunc(in, l.newerFirst)
	l.keepView(func() {
		for _, p := range slices.Backward(out) { // from the end, so that positions hold
			l.replace(p, heirs[p])
		}
		for _, id := range in {
			if row, ok := l.standsFor(id); ok {
				if l.newerFirst(id, row) >= 0 {
					continue
				}
				p, _ := l.confirmed.find(row)
				l.confirmed.remove(p)
			}
			if p, ok := l.placeFor(id); ok {
				l.confirmed.insert(p, id)
			}
		}
		if len(out)+len(in) > 0 {
			l.advance()
		}
		l.makeEdits()
	})
}

// advance says that the list is not of any version the bridge has told.
func (l *List) advance() {
	l.queryState = ""
	l.asked++
	l.asOf = l.asked
}

// drop takes out emails that do not exist any more.
func (l *List) drop(gone map[jmap.Id]bool) {
	if !l.loaded {
		return
	}
	var at []int
	heirs := make(map[int]jmap.Id)
	for id := range gone {
		if p, ok := l.confirmed.find(id); ok {
			at = append(at, p)
			heirs[p] = l.heir(id, func(e *Email) bool { return !gone[e.shown.Id] && e.confirmed.MailboxIds[l.query.Mailbox] })
		}
	}
	if len(at) == 0 {
		return
	}
	slices.Sort(at)
	l.keepView(func() {
		for _, p := range slices.Backward(at) {
			l.replace(p, heirs[p])
		}
		l.advance()
		l.makeEdits()
	})
}
