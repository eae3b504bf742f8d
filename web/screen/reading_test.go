package screen

import (
	"testing"

	"github.com/hearthmail/hearthmail/web/store"
)

// TestRowsFit: whatever is chosen, the topmost row stays the topmost one.
func TestRowsFit(t *testing.T) {
	s := &Screen{store: store.New(func(func()) {})}
	s.scroll.top, s.scroll.height = 10*76, 600
	for _, c := range []struct {
		settings string
		row      int
	}{
		{`{}`, 76},
		{`{"density": "compact", "previewLines": 0}`, 46},
		{`{"density": "compact", "previewLines": 2}`, 83},
		{`{"density": "nonsense", "previewLines": 9}`, 95},
		{`{"previewLines": -1}`, 58},
		{`{"previewLines": "many"}`, 76},
	} {
		s.store.Settings().Restore(c.settings)
		s.fitRows()
		if first, _ := s.scroll.rows(); s.scroll.rowHeight() != c.row || first != 10 {
			t.Errorf("%s: rows of %d pixels, the first is %d", c.settings, s.scroll.rowHeight(), first)
		}
	}
}
