package screen

import (
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// How the messages of a conversation stand below each other, however many they are.

// shape is what is drawn of a message of a conversation.
type shape int

const (
	shapeNone    shape = iota // it is among the "earlier messages" of another
	shapeWhole                // all of it
	shapeLine                 // one line
	shapeEarlier              // a button that stands for it and those after it
)

const (
	// fewestEarlier is how many lines are worth a button instead.
	fewestEarlier = 4
	// mostEach is how long a conversation may be to have something in the page for each of
	// its messages: go-app compares by place, so what stays in its place is not drawn anew
	// when something unfolds above it.
	mostEach = 40
	// linePitch is how far it is from one line to the next, as in reader.css.
	linePitch = 64
	// linesAround is how many lines are drawn beyond what is seen, and lineStep how many
	// come and go at a time.
	linesAround, lineStep = 12, 8
	// linesFirst is how many are drawn before it is known which are seen.
	linesFirst = 24
)

// stretch is messages in a row that have one shape: positions from to to, exclusive.
type stretch struct {
	shape    shape
	from, to int
}

// arrange says how n messages stand: those that are unfolded whole, the others as lines,
// or as one button where many of them follow each other and nobody asked for them. The
// first line and the last before a whole message stay.
func arrange(n int, unfolded, listed func(i int) bool) []stretch {
	var out []stretch
	add := func(s shape, from, to int) {
		if last := len(out) - 1; s == shapeLine && last >= 0 && out[last].shape == shapeLine {
			out[last].to = to
		} else if from < to {
			out = append(out, stretch{s, from, to})
		}
	}
	for i := 0; i < n; {
		if unfolded(i) {
			add(shapeWhole, i, i+1)
			i++
			continue
		}
		end := i + 1
		for end < n && !unfolded(end) {
			end++
		}
		for at := i; at < end; {
			to := at
			for to < end-1 && to > i && !listed(to) {
				to++
			}
			if to-at >= fewestEarlier {
				add(shapeEarlier, at, to)
			} else {
				to = max(to, at+1)
				add(shapeLine, at, to)
			}
			at = to
		}
		i = end
	}
	return out
}

// stretches is how the open conversation stands.
func (s *Screen) stretches() []stretch {
	ids := s.talk.ids
	return arrange(len(ids), func(i int) bool { return s.unfolded(ids[i]) }, func(i int) bool {
		_, turned := s.talk.turns[ids[i]]
		return turned || s.talk.lines[ids[i]]
	})
}

// each reports whether each message of the conversation has its place in the page.
func (c *conversation) each() bool { return len(c.ids) <= mostEach }

// lineWindow is which lines of a stretch are drawn, counted from its first.
type lineWindow struct{ first, last int }

// window is which lines of a stretch of n are drawn.
func (c *conversation) window(of stretch) lineWindow {
	n := of.to - of.from
	if c.each() {
		return lineWindow{0, n}
	}
	w, ok := c.seen[c.ids[of.from]]
	if !ok {
		w = lineWindow{0, linesFirst}
	}
	return lineWindow{min(w.first, n), min(w.last, n)}
}

// nearWindow is the lines to draw of a stretch of which the pixels from top to bottom are
// seen.
func nearWindow(top, bottom, n int) lineWindow {
	first := (top/linePitch - linesAround) / lineStep * lineStep
	last := (bottom/linePitch + linesAround + lineStep) / lineStep * lineStep
	first = min(max(first, 0), n)
	return lineWindow{first, min(max(last, first), n)}
}

// nearIds is the messages of the conversation that are drawn.
func (s *Screen) nearIds() []jmap.Id {
	if s.talk.each() {
		return s.talk.ids
	}
	var out []jmap.Id
	for _, of := range s.stretches() {
		switch of.shape {
		case shapeWhole:
			out = append(out, s.talk.ids[of.from])
		case shapeLine:
			w := s.talk.window(of)
			out = append(out, s.talk.ids[of.from+w.first:of.from+w.last]...)
		}
	}
	return out
}

// skim draws the lines of a long conversation that came into sight, and has the rows that
// are not known of them fetched.
func (s *Screen) skim() {
	a := s.account()
	if a == nil || s.talk.each() {
		return
	}
	moved := false
	for _, of := range s.stretches() {
		if of.shape != shapeLine {
			continue
		}
		id := s.talk.ids[of.from]
		top, bottom, ok := browser.Sight(idLines(id), idReader)
		if !ok {
			continue
		}
		if w := nearWindow(top, bottom, of.to-of.from); w != s.talk.window(of) {
			s.talk.seen[id] = w
			moved = true
		}
	}
	if !moved {
		return
	}
	s.do.OpenEmails(a, s.nearIds(), func(jmap.Id) bool { return false })
	s.showWindow()
	s.skimmed++
	s.drawSoon()
}

// talkDrawn does what has to wait until the conversation is in the page.
func (s *Screen) talkDrawn() {
	if s.talk.focus != "" {
		browser.Focus(s.talk.focus)
		s.talk.focus = ""
	}
	s.skim()
}

// drawTalk draws the conversation.
func (s *Screen) drawTalk(a *store.Account) []app.UI {
	var out []app.UI
	for _, of := range s.stretches() {
		ids := s.talk.ids[of.from:of.to]
		switch {
		case s.talk.each():
			for i, id := range ids {
				in := of.shape
				if in == shapeEarlier && i > 0 {
					in = shapeNone
				}
				out = append(out, s.message(a, id, in).standFor(a, ids))
			}
		case of.shape == shapeLine:
			w := s.talk.window(of)
			out = append(out, &lines{S: s, First: ids[0], Count: len(ids), Window: w, Rev: talkRev(a, ids[w.first:w.last]), Tongue: words.Current().Tag})
		default:
			out = append(out, s.message(a, ids[0], of.shape).standFor(a, ids))
		}
	}
	return out
}

// message is one of them in a shape.
func (s *Screen) message(a *store.Account, id jmap.Id, in shape) *message {
	m := &message{S: s, Id: id, Shape: in, Tongue: words.Current().Tag}
	if in == shapeNone {
		return m
	}
	if e := a.Email(id); e != nil {
		m.Rev = e.Revision()
	}
	if in == shapeWhole {
		m.Facts, m.Left, m.Alone = s.talk.facts[id], s.consents.left[id], len(s.talk.ids) == 1
		m.Offline, m.Words = s.store.Connection().State == store.Offline, s.route.Search
		m.Told = s.reported
		m.Outbox = s.store.Revision(store.PartOutbox)
		m.Look, m.More = s.look(id).rev, s.open == menuMoreOf+string(id)
	}
	return m
}

// standFor has the button of a stretch say what it stands for.
func (r *message) standFor(a *store.Account, ids []jmap.Id) *message {
	if r.Shape != shapeEarlier {
		return r
	}
	r.Earlier = len(ids)
	for _, id := range ids {
		if e := a.Email(id); e != nil && !e.Has(jmap.KeywordSeen) {
			r.Unread++
		}
	}
	return r
}

// lines is many messages of a long conversation, a line each: in the page are those near
// the viewport, and room for the others.
type lines struct {
	app.Compo

	S      *Screen
	First  jmap.Id
	Count  int
	Window lineWindow
	Rev    uint64
	Tongue string // the language
}

// Render draws it.
func (l *lines) Render() app.UI {
	s, a := l.S, l.S.account()
	at := slices.Index(s.talk.ids, l.First)
	drawn := make([]app.UI, 0, l.Window.last-l.Window.first)
	for i := at + l.Window.first; at >= 0 && i < min(at+l.Window.last, len(s.talk.ids)); i++ {
		drawn = append(drawn, s.message(a, s.talk.ids[i], shapeLine))
	}
	return app.Div().ID(idLines(l.First)).Class("lines").
		Style("padding-block-start", strconv.Itoa(l.Window.first*linePitch)+"px").
		Style("padding-block-end", strconv.Itoa((l.Count-l.Window.last)*linePitch)+"px").Body(drawn...)
}

func idLines(first jmap.Id) string { return "lines-" + string(first) }
