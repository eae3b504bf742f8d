package store

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// writtenWeight is how often somebody must be seen to count as much as one who was written
// to once.
const writtenWeight = 4

// maxPeople bounds how many are remembered of those seen.
const maxPeople = 1000

// people is who was seen in the emails that are known, as of a revision of them.
type people struct {
	asOf uint64
	list []jmap.EmailAddress
}

// People are those who wrote or were written to in the emails that are known, whom the
// member wrote to on any device, and the own addresses: first who was seen often and late.
// Read only.
func (a *Account) People() []jmap.EmailAddress {
	if asOf := max(a.store.Revision(PartEmails), a.store.Revision(PartAccounts), a.store.Revision(PartSettings)); a.people.list == nil || a.people.asOf != asOf {
		a.people = people{asOf: asOf, list: a.countPeople()}
	}
	return a.people.list
}

// seen is how often and when last an address was seen.
type seen struct {
	address jmap.EmailAddress
	times   int
	last    time.Time
}

func (a *Account) countPeople() []jmap.EmailAddress {
	byAddress := map[string]*seen{}
	note := func(list []jmap.EmailAddress, at time.Time, weight int) {
		for _, address := range list {
			key := strings.ToLower(address.Email)
			if key == "" {
				continue
			}
			s := byAddress[key]
			if s == nil {
				s = &seen{address: address}
				byAddress[key] = s
			}
			s.times += weight
			if address.Name != nil && (s.address.Name == nil || at.After(s.last)) {
				s.address = address
			}
			if at.After(s.last) {
				s.last = at
			}
		}
	}
	own := map[string]bool{}
	for _, i := range a.identities {
		own[strings.ToLower(i.Email)] = true
	}
	junk := a.Role(jmap.RoleJunk)
	for _, e := range a.emails.byId {
		m := &e.confirmed
		if junk != nil && m.MailboxIds[junk.Id] || m.Keywords[jmap.KeywordJunk] || m.Keywords[jmap.KeywordDraft] {
			continue // nobody is learnt from junk
		}
		weight := 1
		if len(m.From) > 0 && own[strings.ToLower(m.From[0].Email)] {
			weight = writtenWeight
		}
		note(m.From, m.ReceivedAt, 1)
		note(m.To, m.ReceivedAt, weight)
		note(m.Cc, m.ReceivedAt, weight)
		note(m.Bcc, m.ReceivedAt, weight)
	}
	for email, k := range a.store.Settings().Known() {
		p := jmap.EmailAddress{Email: email}
		if k.Name != "" {
			p.Name = &k.Name
		}
		note([]jmap.EmailAddress{p}, time.Unix(k.Day*24*60*60, 0), writtenWeight*k.Times)
	}
	for _, i := range a.identities {
		note([]jmap.EmailAddress{{Name: &i.Name, Email: i.Email}}, time.Time{}, 1)
	}
	all := make([]*seen, 0, len(byAddress))
	var newest time.Time
	for _, s := range byAddress {
		all = append(all, s)
		if s.last.After(newest) {
			newest = s.last
		}
	}
	// Once in the last month counts as much as twice before it.
	month := newest.Add(-30 * 24 * time.Hour)
	weight := func(s *seen) int {
		if s.last.After(month) {
			return 2 * s.times
		}
		return s.times
	}
	slices.SortFunc(all, func(x, y *seen) int {
		return cmp.Or(cmp.Compare(weight(y), weight(x)), y.last.Compare(x.last), cmp.Compare(x.address.Email, y.address.Email))
	})
	out := make([]jmap.EmailAddress, 0, min(len(all), maxPeople))
	for _, s := range all[:min(len(all), maxPeople)] {
		out = append(out, s.address)
	}
	return out
}

// Suggest are people whom typed may mean, the likeliest first: each of its words begins a
// word of the name or the address. without says who is not to be suggested.
func (a *Account) Suggest(typed string, most int, without func(email string) bool) []jmap.EmailAddress {
	words := strings.Fields(strings.ToLower(typed))
	if len(words) == 0 {
		return nil
	}
	var out []jmap.EmailAddress
	for _, p := range a.People() {
		if len(out) == most {
			break
		}
		if means(p, words) && !without(p.Email) {
			out = append(out, p)
		}
	}
	return out
}

// means reports whether each word begins one of somebody's.
func means(p jmap.EmailAddress, words []string) bool {
	text := strings.ToLower(p.DisplayName() + " " + p.Email)
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" .,-_+@\"'()", r) })
	return !slices.ContainsFunc(words, func(w string) bool {
		return !strings.HasPrefix(strings.ToLower(p.Email), w) &&
			!slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, w) })
	})
}
