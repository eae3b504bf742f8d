package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// SettingPeople is whom the member wrote to, so that each device can suggest them: a Known
// for each address, in lower case.
const SettingPeople = "people"

// maxKnown is how many of them are kept.
const maxKnown = 250

// Known is somebody the member wrote to.
type Known struct {
	Name  string `json:"n,omitzero"`
	Times int    `json:"c"` // how often
	Day   int64  `json:"d"` // when last, in days since 1970
}

// Known are those the member wrote to. Read only.
func (s *Settings) Known() map[string]Known { return setting[map[string]Known](s, SettingPeople, nil) }

// WroteTo is known after the member wrote to people on a day. Who was written to seldom and
// long ago goes when there are too many.
func WroteTo(known map[string]Known, people []jmap.EmailAddress, day int64) map[string]Known {
	all := make(map[string]Known, len(known)+len(people))
	maps.Copy(all, known)
	for _, p := range people {
		key := strings.ToLower(p.Email)
		if key == "" {
			continue
		}
		k := all[key]
		if p.Name != nil && *p.Name != "" {
			k.Name = *p.Name
		}
		k.Times, k.Day = k.Times+1, max(k.Day, day)
		all[key] = k
	}
	byWorth := slices.SortedFunc(maps.Keys(all), func(x, y string) int {
		return cmp.Or(cmp.Compare(all[y].worth(), all[x].worth()), cmp.Compare(x, y))
	})
	for _, key := range byWorth[min(len(byWorth), maxKnown):] {
		delete(all, key)
	}
	return all
}

// worth is higher the later and the oftener somebody was written to: once more is worth a
// fortnight.
func (k Known) worth() int64 { return k.Day + 14*int64(min(k.Times, 50)) }
