package screen

import (
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/web/store"
)

// Recipients are dragged from one field of a message to another. Alt and the arrows do the
// same by keys.

// chipAt reads what chip and field name: a composer, a field and a place in it.
func (s *Screen) chipAt(name string) (c *store.Composer, field string, i int) {
	parts := append(strings.Split(name, "/"), "", "")
	id, err := strconv.Atoi(parts[0])
	if err != nil || s.store == nil {
		return nil, "", 0
	}
	i, _ = strconv.Atoi(parts[2]) // a field has none
	for _, c := range s.store.Composers() {
		if c.Id == id {
			return c, parts[1], i
		}
	}
	return nil, "", 0
}

func (s *Screen) chipDragged() (label, file string, ok bool) {
	c, field, i := s.chipAt(s.composing.dragged)
	if c == nil {
		return "", "", false
	}
	list := *addressList(&c.Email, field)
	if i < 0 || i >= len(list) {
		return "", "", false
	}
	return list[i].DisplayName(), "", true
}

// chipMay reports whether the recipient that is dragged may go to a field.
func (s *Screen) chipMay(to string) bool {
	from, field, _ := s.chipAt(s.composing.dragged)
	c, other, _ := s.chipAt(to)
	return from != nil && from == c && field != other && c.Status != store.Sending
}

func (s *Screen) chipDropped(to string) {
	if !s.chipMay(to) {
		return
	}
	c, field, i := s.chipAt(s.composing.dragged)
	_, other, _ := s.chipAt(to)
	s.moveChip(c, field, i, other)
}
