package store

import "github.com/hearthmail/hearthmail/shared/jmap"

// Query says which emails a list has: those of a mailbox, or those that match
// the words of a search.
type Query struct {
	Mailbox jmap.Id           // "" when it is a search
	Text    string            // the words of the search, as typed
	Filter  *jmap.EmailFilter // what the words mean; nil for a mailbox
	// Threads shows each conversation once, by its newest email.
	Threads bool
	Sort    Sort
	Only    Only // of a mailbox: which of its emails
	// Inboxes says that it is of the inboxes of all accounts, and Filters what a search over
	// all means for each of them (see Everywhere).
	Inboxes bool
	Filters map[jmap.Id]*jmap.EmailFilter
}

// key tells one query of an account from the others.
func (q Query) key() string {
	mode := ""
	if q.Threads {
		mode = "t"
	}
	if q.Inboxes {
		mode += "i"
	}
	mode += string(q.Sort) + "/" + q.Only.String() + "/"
	if !q.IsSearch() {
		return mode + "m" + string(q.Mailbox)
	}
	return mode + "s" + q.Text
}

// IsSearch reports whether it is a search, and not a mailbox or all inboxes.
func (q Query) IsSearch() bool { return q.Filter != nil || q.Filters != nil }

// JMAP is the filter to ask the bridge with.
func (q Query) JMAP() *jmap.EmailFilter {
	if q.Filter == nil {
		f := &jmap.EmailFilter{InMailbox: q.Mailbox}
		q.Only.narrow(f)
		return f
	}
	return q.Filter
}

// verdict is what a pending change surely does to the place of an email in a list.
type verdict int

const (
	unmoved verdict = iota
	leaves
	enters
)

// judge says what c does to an email in the lists of q; after are the mailboxes
// it lies in then, nil if they are not known.
func (q Query) judge(c Change, after map[jmap.Id]bool) verdict {
	if c.Destroy {
		return leaves
	}
	if q.Filter == nil {
		in, ok := c.Mailboxes[q.Mailbox]
		ok = ok || c.Whole
		switch {
		case !ok:
			return unmoved
		case in:
			return enters
		}
		return leaves
	}
	if len(c.Mailboxes) == 0 || len(after) == 0 {
		return unmoved
	}
	if excludes(q.Filter, after) {
		return leaves
	}
	return unmoved
}

// excludes reports whether f surely leaves out an email in those mailboxes.
// What it cannot tell, the next answer of the bridge will.
func excludes(f *jmap.EmailFilter, in map[jmap.Id]bool) bool {
	switch f.Operator {
	case "AND":
		for i := range f.Conditions {
			if excludes(&f.Conditions[i], in) {
				return true
			}
		}
		return false
	case "OR", "NOT":
		return false
	}
	if f.InMailbox != "" && !in[f.InMailbox] {
		return true
	}
	if f.InMailboxOtherThan == nil {
		return false
	}
	other := 0
	for _, id := range f.InMailboxOtherThan {
		if in[id] {
			other++
		}
	}
	return other == len(in)
}
