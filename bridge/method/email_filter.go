package method

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// emailConditions is every property of a FilterCondition (RFC 8621 §4.4.1).
var emailConditions = []string{
	"inMailbox", "inMailboxOtherThan", "before", "after", "minSize", "maxSize", "allInThreadHaveKeyword",
	"someInThreadHaveKeyword", "noneInThreadHaveKeyword", "hasKeyword", "notKeyword", "hasAttachment",
	"text", "from", "to", "cc", "bcc", "subject", "body", "header",
}

// emailFilter is a filter as a tree: an operator over others, or with operator "" one
// condition of one property. AND of nothing holds for every email, OR of nothing for none.
type emailFilter struct {
	operator  string // "AND", "OR", "NOT" (none of them)
	below     []emailFilter
	property  string
	condition jmap.EmailFilter // with nothing but this property
}

// wholeFilter is the property of a condition that is a filter as the server is asked.
const wholeFilter = "filter"

var (
	everyEmail = emailFilter{operator: "AND"}
	noEmail    = emailFilter{operator: "OR"}
)

func (f *emailFilter) isEvery() bool { return f.operator == "AND" && len(f.below) == 0 }
func (f *emailFilter) isNone() bool  { return f.operator == "OR" && len(f.below) == 0 }

// readEmailFilter reads a filter; the words of a text become conditions of their own.
func readEmailFilter(c *call, raw json.RawMessage) (emailFilter, error) {
	budget := filterBudget(maxConditions)
	return readEmailFilterBelow(c, raw, 0, &budget)
}

func readEmailFilterBelow(c *call, raw json.RawMessage, depth int, budget *filterBudget) (emailFilter, error) {
	shape, err := readFilter(raw, emailConditions)
	if err != nil {
		return noEmail, err
	}
	if err := budget.spend(shape, depth); err != nil {
		return noEmail, err
	}
	out := emailFilter{operator: shape.operator}
	for _, below := range shape.below {
		f, err := readEmailFilterBelow(c, below, depth+1, budget)
		if err != nil {
			return noEmail, err
		}
		out.below = append(out.below, f)
	}
	if shape.operator != "" {
		return out, nil
	}
	out.operator = "AND"
	for _, property := range slices.Sorted(maps.Keys(shape.properties)) {
		value := shape.properties[property]
		if string(value) == "null" {
			continue // as if it were not there
		}
		f, err := readEmailCondition(c, property, value)
		if err == nil {
			err = budget.take(len(f.below)) // its words
		}
		if err != nil {
			return noEmail, err
		}
		out.below = append(out.below, f)
	}
	return out, nil
}

func readEmailCondition(c *call, property string, value json.RawMessage) (emailFilter, error) {
	f := emailFilter{property: property}
	one, err := json.Marshal(map[string]json.RawMessage{property: value})
	if err == nil {
		err = json.Unmarshal(one, &f.condition)
	}
	if err != nil {
		return f, jmap.Failf(jmap.InvalidArguments, "the condition %s has a value of another type", property)
	}
	switch property {
	case "inMailbox":
		f.condition.InMailbox = c.real(f.condition.InMailbox)
	case "inMailboxOtherThan":
		for i, id := range f.condition.InMailboxOtherThan {
			f.condition.InMailboxOtherThan[i] = c.real(id)
		}
	case "minSize":
		if f.condition.MinSize <= 0 {
			return everyEmail, nil
		}
	case "maxSize":
		if f.condition.MaxSize <= 0 {
			return noEmail, nil
		}
	case "hasKeyword", "notKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword", "noneInThreadHaveKeyword":
		if *f.text() == "" {
			return f, jmap.Failf(jmap.InvalidArguments, "%s is a keyword", property)
		}
	case "header":
		if n := len(f.condition.Header); n == 0 || n > 2 || !isHeaderName(f.condition.Header[0]) {
			return f, jmap.Failf(jmap.InvalidArguments, "header is the name of a field, and a text if one is to be in it")
		}
	}
	if slices.Contains(textConditions, property) {
		return f.words(), nil
	}
	return f, nil
}

// textConditions is the properties that look for text.
var textConditions = []string{"text", "from", "to", "cc", "bcc", "subject", "body"}

// text is where a condition of one string keeps it.
func (f *emailFilter) text() *string {
	return map[string]*string{
		"text": &f.condition.Text, "from": &f.condition.From, "to": &f.condition.To, "cc": &f.condition.Cc,
		"bcc": &f.condition.Bcc, "subject": &f.condition.Subject, "body": &f.condition.Body,
		"hasKeyword": &f.condition.HasKeyword, "notKeyword": &f.condition.NotKeyword,
		"allInThreadHaveKeyword":  &f.condition.AllInThreadHaveKeyword,
		"someInThreadHaveKeyword": &f.condition.SomeInThreadHaveKeyword,
		"noneInThreadHaveKeyword": &f.condition.NoneInThreadHaveKeyword,
	}[f.property]
}

// words is a condition for each word.
func (f *emailFilter) words() emailFilter {
	out := emailFilter{operator: "AND"}
	for _, word := range searchWords(*f.text()) {
		one := emailFilter{property: f.property}
		*one.text() = word
		out.below = append(out.below, one)
	}
	return out
}

func isHeaderName(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' })
}

// in is what a filter asks of the emails of one mailbox.
func (f *emailFilter) in(mailbox jmap.Id) emailFilter {
	switch {
	case f.property == "inMailbox":
		return constant(f.condition.InMailbox == mailbox)
	case f.property == "inMailboxOtherThan":
		return constant(!slices.Contains(f.condition.InMailboxOtherThan, mailbox))
	case f.property != "":
		return *f
	}
	out := emailFilter{operator: f.operator}
	for i := range f.below {
		below := f.below[i].in(mailbox)
		switch {
		case f.operator == "AND" && below.isNone():
			return noEmail
		case f.operator == "OR" && below.isEvery():
			return everyEmail
		case f.operator == "NOT" && below.isEvery():
			return noEmail
		case below.isEvery(), below.isNone(): // makes no difference
		case below.operator == f.operator && f.operator != "NOT":
			out.below = append(out.below, below.below...)
		default:
			out.below = append(out.below, below)
		}
	}
	switch {
	case f.operator == "NOT" && len(out.below) == 0:
		return everyEmail
	case f.operator != "NOT" && len(out.below) == 1:
		return out.below[0]
	}
	return out
}

func constant(holds bool) emailFilter {
	if holds {
		return everyEmail
	}
	return noEmail
}

// mailboxes is the only mailboxes whose emails can match; limited is false when that is
// all.
func (f *emailFilter) mailboxes() (ids []jmap.Id, limited bool) {
	switch {
	case f.property == "inMailbox":
		return []jmap.Id{f.condition.InMailbox}, true
	case f.operator == "AND":
		for i := range f.below {
			below, is := f.below[i].mailboxes()
			if is && limited {
				below = slices.DeleteFunc(below, func(id jmap.Id) bool { return !slices.Contains(ids, id) })
			}
			if is {
				ids, limited = below, true
			}
		}
		return ids, limited
	case f.operator == "OR":
		for i := range f.below {
			below, is := f.below[i].mailboxes()
			if !is {
				return nil, false
			}
			ids = append(ids, below...)
		}
		slices.Sort(ids)
		return slices.Compact(ids), true
	}
	return nil, false
}

// any reports whether a condition of the tree is of such a property.
func (f *emailFilter) any(is func(property string) bool) bool {
	return f.property != "" && is(f.property) || slices.ContainsFunc(f.below, func(b emailFilter) bool { return b.any(is) })
}

// looksAtMutable: these can hold for an email now and not later, or the other way round.
func looksAtMutable(property string) bool {
	return looksAtKeywords(property) || strings.HasPrefix(property, "inMailbox")
}

// looksAtKeywords: the keywords of emails matter.
func looksAtKeywords(property string) bool { return strings.Contains(property, "Keyword") }

// looksAtThreads: what other emails of the thread have matters.
func looksAtThreads(property string) bool { return strings.Contains(property, "InThread") }

// looksAtDates: the date of arrival matters.
func looksAtDates(property string) bool {
	return property == "before" || property == "after" || property == "receivedAt"
}

// byServer: the mail server can answer the condition, exactly.
func byServer(property string) bool {
	return !looksAtThreads(property) && !looksAtDates(property) && property != "hasAttachment"
}

// isByServer reports whether the mail server can answer all of it.
func (f *emailFilter) isByServer() bool {
	return !f.any(func(property string) bool { return !byServer(property) })
}

// forServer is the filter as the server is asked.
func (f *emailFilter) forServer() *jmap.EmailFilter {
	if f.property != "" {
		return &f.condition
	}
	out := &jmap.EmailFilter{Operator: f.operator}
	for i := range f.below {
		out.Conditions = append(out.Conditions, *f.below[i].forServer())
	}
	return out
}

// key is the same for filters that ask the same in the same order.
func (f *emailFilter) key() string {
	if f.property != "" {
		raw, _ := json.Marshal(f.condition) // what was read from JSON can be written
		return f.property + string(raw)
	}
	var b strings.Builder
	b.WriteString(f.operator + "(")
	for i := range f.below {
		b.WriteString(f.below[i].key() + ",")
	}
	return b.String() + ")"
}

// date is what a condition before or after compares with.
func (f *emailFilter) date() time.Time {
	if f.property == "before" {
		return f.condition.Before
	}
	return f.condition.After
}
