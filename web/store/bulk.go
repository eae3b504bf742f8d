package store

import "slices"

// Bulk is work on more emails than are at hand, and how far it is.
type Bulk struct {
	Id     int
	Text   string // what is done, or when it is over what became of it: for people
	Total  int    // emails to do, 0 while they are still being counted
	Done   int    // of them
	Failed int
	Over   bool
	// What can be done about it now; nil where there is nothing of the kind.
	Cancel, Retry, Undo func()
}

// Bulks are the ones under way, and those over that something is left to say of.
func (s *Store) Bulks() []*Bulk { return s.bulks }

// AddBulk shows work that begins.
func (s *Store) AddBulk(b *Bulk) {
	s.nextId++
	b.Id = s.nextId
	s.bulks = append(s.bulks, b)
	s.changed(PartNotices)
}

// BulkChanged says that b is to be drawn again.
func (s *Store) BulkChanged() { s.changed(PartNotices) }

// DropBulk shows b no longer.
func (s *Store) DropBulk(b *Bulk) {
	s.bulks = slices.DeleteFunc(s.bulks, func(o *Bulk) bool { return o == b })
	s.changed(PartNotices)
}
