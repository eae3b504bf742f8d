package store

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Sort is the order of a list. Its text is what an address names it by.
type Sort string

// The orders. In each, emails that are alike stand newest first.
const (
	Newest       Sort = ""
	Oldest       Sort = "oldest"
	UnreadFirst  Sort = "unread"
	StarredFirst Sort = "starred"
	BySender     Sort = "sender"
	BySubject    Sort = "subject"
	BySize       Sort = "size" // largest first
)

// Sorts are all orders, as a menu lists them.
var Sorts = []Sort{Newest, Oldest, UnreadFirst, StarredFirst, BySender, BySubject, BySize}

// comparators are the keys of each order (RFC 8621 §4.4.2). Newest has none: a bridge
// answers without one from what it has at hand.
var comparators = map[Sort][]jmap.Comparator{
	Oldest:       {{Property: "receivedAt", IsAscending: new(true)}},
	UnreadFirst:  {{Property: "hasKeyword", Keyword: jmap.KeywordSeen, IsAscending: new(true)}, latest},
	StarredFirst: {{Property: "hasKeyword", Keyword: jmap.KeywordFlagged, IsAscending: new(false)}, latest},
	BySender:     {{Property: "from", IsAscending: new(true)}, latest},
	BySubject:    {{Property: "subject", IsAscending: new(true)}, latest},
	BySize:       {{Property: "size", IsAscending: new(false)}, latest},
}

var latest = jmap.Comparator{Property: "receivedAt", IsAscending: new(false)}

// Known reports whether s is an order at all: addresses are written by anybody.
func (s Sort) Known() bool { return slices.Contains(Sorts, s) }

// ByDate reports whether the days of such a list follow each other.
func (s Sort) ByDate() bool { return s == Newest || s == Oldest }

// Only narrows a list. What is not set leaves nothing out.
type Only struct{ Unread, Starred, Attachments bool }

// ParseOnly reads what String wrote; words it does not know are nothing.
func ParseOnly(text string) Only {
	words := strings.Split(text, ",")
	return Only{slices.Contains(words, "unread"), slices.Contains(words, "starred"), slices.Contains(words, "attachments")}
}

// String names it in an address: "unread,starred".
func (o Only) String() string {
	var words []string
	if o.Unread {
		words = append(words, "unread")
	}
	if o.Starred {
		words = append(words, "starred")
	}
	if o.Attachments {
		words = append(words, "attachments")
	}
	return strings.Join(words, ",")
}

// narrow adds what o asks for to a condition.
func (o Only) narrow(f *jmap.EmailFilter) {
	if o.Unread {
		f.NotKeyword = jmap.KeywordSeen
	}
	if o.Starred {
		f.HasKeyword = jmap.KeywordFlagged
	}
	if o.Attachments {
		f.HasAttachment = new(true)
	}
}

// Comparators is the order to ask the bridge for, nil for its own: newest first.
func (q Query) Comparators() []jmap.Comparator { return comparators[q.Sort] }

// ordered reports whether the place of an email in the list can be told by its date.
func (q Query) ordered() bool { return q.Sort == Newest && q.Only == Only{} }

// sortOptions reads what Email/query of an account sorts by (RFC 8621 §1.3.1).
func sortOptions(capability json.RawMessage) []string {
	var mail struct {
		EmailQuerySortOptions []string `json:"emailQuerySortOptions"`
	}
	_ = json.Unmarshal(capability, &mail) // one that cannot be read offers nothing
	return mail.EmailQuerySortOptions
}

// CanSort reports whether lists of the account come in an order.
func (a *Account) CanSort(s Sort) bool {
	for _, c := range comparators[s] {
		if !slices.Contains(a.sortOptions, c.Property) {
			return false
		}
	}
	return s.Known()
}
