package method

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestFiltersAreBounded: what is too deep, or too much, is refused and not worked on.
func TestFiltersAreBounded(t *testing.T) {
	deep := strings.Repeat(`{"operator":"NOT","conditions":[`, 40) + `{"subject":"tea"}` + strings.Repeat(`]}`, 40)
	wide := `{"operator":"OR","conditions":[{}` + strings.Repeat(`,{"subject":"tea"}`, 600) + `]}`
	wordy := `{"operator":"OR","conditions":[{}` + strings.Repeat(`,{"text":"a b c d e f g h i j"}`, 60) + `]}`
	for _, raw := range []string{deep, wide, wordy} {
		_, err := readEmailFilter(&call{}, json.RawMessage(raw))
		var m *jmap.MethodError
		if !errors.As(err, &m) || m.Type != jmap.UnsupportedFilter {
			t.Errorf("%.60s: %v", raw, err)
		}
	}
	if err := checkSort(make([]jmap.Comparator, 17), isEmailSort); err == nil {
		t.Error("17 comparators")
	}
}

// FuzzEmailFilter: a filter is refused, or comes down to conditions that do not name
// mailboxes, and is remembered by a key that is the same for the same filter.
func FuzzEmailFilter(f *testing.F) {
	f.Add(`{"inMailbox": "m1", "text": "green \"tea\""}`)
	f.Add(`{"operator": "AND", "conditions": [{"operator": "NOT", "conditions": [{"inMailboxOtherThan": ["m1", "m2"]}]}, {"hasAttachment": false}, {}]}`)
	f.Add(`{"operator": "OR", "conditions": [{"before": "2026-03-01T00:00:00.5Z"}, {"header": ["X", "y"]}, {"someInThreadHaveKeyword": "$seen"}, {"minSize": 1, "maxSize": 0}]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		filter, err := readEmailFilter(&call{}, json.RawMessage(raw))
		if err != nil {
			var m *jmap.MethodError
			if !errors.As(err, &m) {
				t.Errorf("%v", err)
			}
			return
		}
		again, err := readEmailFilter(&call{}, json.RawMessage(raw))
		if err != nil || again.key() != filter.key() {
			t.Errorf("%q and %q", filter.key(), again.key())
		}
		ids, limited := filter.mailboxes()
		for _, id := range append([]jmap.Id{"m1", "other"}, ids...) {
			in := filter.in(id)
			if in.any(func(property string) bool { return strings.HasPrefix(property, "inMailbox") }) {
				t.Errorf("%s in %s is %s", raw, id, in.key())
			}
			if limited && id == "other" && !in.isNone() && !strings.Contains(raw, "other") {
				t.Errorf("%s is limited to %v, and in another mailbox is %s", raw, ids, in.key())
			}
			in.forServer()
			in.steps()
		}
	})
}
