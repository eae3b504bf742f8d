package clienttest

import (
	"cmp"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// narrowed leaves those that a condition on keywords or attachments lets through.
func (s *Server) narrowed(f *jmap.EmailFilter, ids []jmap.Id) []jmap.Id {
	if f.HasKeyword == "" && f.NotKeyword == "" && f.HasAttachment == nil {
		return ids
	}
	var out []jmap.Id
	for _, id := range ids {
		e := s.emails[id]
		has := f.HasKeyword == "" || e.Keywords[f.HasKeyword]
		not := f.NotKeyword == "" || !e.Keywords[f.NotKeyword]
		attached := f.HasAttachment == nil || e.HasAttachment == *f.HasAttachment
		if has && not && attached {
			out = append(out, id)
		}
	}
	return out
}

// ordered sorts ids, which are newest first.
func (s *Server) ordered(by []jmap.Comparator, ids []jmap.Id) []jmap.Id {
	if len(by) == 0 {
		return ids
	}
	out := slices.Clone(ids)
	slices.SortStableFunc(out, func(a, b jmap.Id) int {
		for _, c := range by {
			n := compare(c, s.emails[a], s.emails[b])
			if !c.Ascending() {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
	return out
}

func compare(c jmap.Comparator, a, b *jmap.Email) int {
	switch c.Property {
	case "receivedAt":
		return a.ReceivedAt.Compare(b.ReceivedAt)
	case "subject":
		return cmp.Compare(a.Subject, b.Subject)
	case "hasKeyword":
		return rank(a.Keywords[c.Keyword]) - rank(b.Keywords[c.Keyword])
	}
	panic("sort by " + c.Property)
}

func rank(has bool) int {
	if has {
		return 1
	}
	return 0
}
