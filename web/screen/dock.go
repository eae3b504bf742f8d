package screen

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
)

// composing is what the screen knows of the composers besides what they hold.
type composing struct {
	focus   int          // the composer that wants the focus, 0 for none
	copies  map[int]bool // those that show Cc and Bcc
	over    int          // the one files are held above
	small   map[int]bool // those that are only a bar at the edge
	large   int          // the one that takes the page, 0 for none
	slots   []int        // the composers by their place in the page, 0 for a free one
	dragged string       // "COMPOSER/FIELD/INDEX" of the recipient that is dragged, "" for none
	chip    string       // the id of the recipient that wants the focus, "" for none
}

// composerWidth is what a docked composer takes, with its gap, in pixels (composer.css).
const composerWidth = 576

// composerOpened shows a composer and puts the focus where writing goes on.
func (s *Screen) composerOpened(c *store.Composer) {
	d := &s.composing
	if d.copies == nil {
		d.copies, d.small = map[int]bool{}, map[int]bool{}
	}
	if len(c.Email.Cc)+len(c.Email.Bcc) > 0 {
		d.copies[c.Id] = true
	}
	d.large = 0
	s.enlarge(c)
}

// enlarge makes a composer more than a bar, and bars of those there is no room for.
func (s *Screen) enlarge(c *store.Composer) {
	d := &s.composing
	delete(d.small, c.Id)
	room := 1
	for browser.Matches(fmt.Sprintf("(min-width: %dpx)", (room+1)*composerWidth+48)) {
		room++
	}
	list := s.store.Composers()
	for _, other := range slices.Backward(list) {
		if other == c || d.small[other.Id] {
			continue
		}
		if room--; room <= 0 {
			d.small[other.Id] = true
		}
	}
	d.focus = c.Id
	s.changed()
}

// minimise makes a composer a bar.
func (s *Screen) minimise(c *store.Composer) {
	s.composing.small[c.Id] = true
	if s.composing.large == c.Id {
		s.composing.large = 0
	}
	s.changed()
}

// maximise has a composer take the page, or gives that back.
func (s *Screen) maximise(c *store.Composer) {
	if s.composing.large == c.Id {
		s.composing.large = 0
	} else {
		s.composing.large = c.Id
	}
	s.enlarge(c)
}

// places gives each composer a place in the page that it keeps: what is written elsewhere
// does not notice that another one closes.
func (d *composing) places(list []*store.Composer) []*store.Composer {
	byId := map[int]*store.Composer{}
	for _, c := range list {
		byId[c.Id] = c
	}
	for i, id := range d.slots {
		if byId[id] == nil {
			d.slots[i] = 0
		}
	}
	for _, c := range list {
		if slices.Contains(d.slots, c.Id) {
			continue
		}
		if free := slices.Index(d.slots, 0); free >= 0 {
			d.slots[free] = c.Id
		} else {
			d.slots = append(d.slots, c.Id)
		}
	}
	out := make([]*store.Composer, len(d.slots))
	for i, id := range d.slots {
		out[i] = byId[id]
	}
	return out
}

// saveAll saves what is being written: the page may be about to end.
func (s *Screen) saveAll() {
	if s.store == nil {
		return
	}
	for _, c := range s.store.Composers() {
		s.commitRecipients(c)
		s.do.SaveDraft(c)
	}
}

// composers is the dock with the messages being written.
type composers struct {
	app.Compo

	S   *Screen
	Rev [3]uint64
}

// Render draws them, the latest first.
func (d *composers) Render() app.UI {
	s := d.S
	list := s.store.Composers()
	var out []app.UI
	for _, c := range s.composing.places(list) {
		if c == nil {
			out = append(out, app.Div().Class("no-composer"))
			continue
		}
		out = append(out, &composer{S: s, C: c, Order: slices.Index(list, c), Rev: [2]uint64{s.rev, max(c.Revision(), s.store.Revision(store.PartConnection))}})
	}
	return app.Div().Class("dock").DataSet("count", strconv.Itoa(len(list))).Body(out...)
}
