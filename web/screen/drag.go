package screen

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// Rows are dragged to a mailbox of the tree, which moves them, or out of the window, which
// saves one as a file where the browser can do that. Move to… does the same by keys.

func (s *Screen) bindDrag() {
	browser.OnDrag(browser.Drag{
		Start: s.dragStart,
		May:   s.dropMay,
		Hover: func(to string) { s.post(func() { s.dropHover(to) }) },
		Drop:  func(to string) { s.post(func() { s.dropped(to) }) },
	})
}

// dragStart takes a row along, and with it all that are selected if it is one of them.
func (s *Screen) dragStart(from string) (label, file string, ok bool) {
	s.dragged, s.composing.dragged = nil, ""
	if chip, isChip := strings.CutPrefix(from, "chip/"); isChip {
		s.composing.dragged = chip
		return s.chipDragged()
	}
	_, ln, ok := s.rowAt(from)
	if !ok {
		return "", "", false
	}
	id := ln.id
	s.dragged = s.meant(ln)
	if s.selection.all(s.dragged) {
		s.dragged = s.targets()
	}
	n := len(s.dragged)
	if s.selection.whole && s.selection.has(id) {
		n = s.everything()
	}
	if n > 1 {
		return words.N(n, "{n} message", "{n} messages"), "", true
	}
	e := s.accountOf(id).Email(id)
	if e == nil {
		return "", "", false
	}
	m := e.Email()
	label = m.Subject
	if label == "" {
		label = words.T("(no subject)")
	}
	if m.BlobId == "" || s.across() {
		return label, "", true
	}
	name := fileName(label) + ".eml"
	return label, "message/rfc822:" + name + ":" + browser.Origin() + s.download(m.BlobId, "message/rfc822", name), true
}

// fileName makes a text fit for a file's name, and for the form it is handed over in.
func fileName(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, text)
	const most = 80
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	return strings.Trim(text, " .")
}

// dropName names a mailbox as a place to let go.
func dropName(a *store.Account, box *jmap.Mailbox) string {
	return string(a.Id()) + " " + string(box.Id)
}

// dropTo is the mailbox a place is, nil where nothing can be let go.
func (s *Screen) dropTo(to string) (*store.Account, *jmap.Mailbox) {
	account, mailbox, _ := strings.Cut(to, " ")
	a := s.store.Account(jmap.Id(account))
	if a == nil || a.ReadOnly() || s.selection.whole && a != s.account() || s.stays() {
		return nil, nil
	}
	return a, a.Mailbox(jmap.Id(mailbox))
}

func (s *Screen) dropMay(to string) bool {
	if field, ok := strings.CutPrefix(to, "field/"); ok || s.composing.dragged != "" {
		return ok && s.chipMay(field)
	}
	_, box := s.dropTo(to)
	return box != nil && box.Id != s.route.Mailbox && box.MyRights.MayAddItems
}

// dropHover opens a closed branch.
func (s *Screen) dropHover(to string) {
	if _, box := s.dropTo(to); box != nil && s.collapsed[box.Id] {
		s.collapsed[box.Id] = false
		s.changed()
	}
}

func (s *Screen) dropped(to string) {
	if field, ok := strings.CutPrefix(to, "field/"); ok {
		s.chipDropped(field)
		return
	}
	if a, box := s.dropTo(to); box != nil && s.dropMay(to) && len(s.dragged) > 0 {
		s.moveTo(a, box.Id, s.dragged)
		s.dragged = nil
	}
}
