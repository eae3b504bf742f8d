package search

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Context is what words may refer to.
type Context struct {
	// Mailbox finds the mailbox that in: names, by its name or role.
	Mailbox func(name string) (jmap.Id, bool)
	// Now is the present, in the person's time zone.
	Now time.Time
}

// operators is every operator and what its value means. ok is false when the
// value does not fit: then it is a plain word.
var operators = map[string]func(value string, c Context) (f jmap.EmailFilter, ok bool){
	"from":     func(v string, _ Context) (jmap.EmailFilter, bool) { return jmap.EmailFilter{From: v}, true },
	"to":       func(v string, _ Context) (jmap.EmailFilter, bool) { return jmap.EmailFilter{To: v}, true },
	"cc":       func(v string, _ Context) (jmap.EmailFilter, bool) { return jmap.EmailFilter{Cc: v}, true },
	"bcc":      func(v string, _ Context) (jmap.EmailFilter, bool) { return jmap.EmailFilter{Bcc: v}, true },
	"subject":  func(v string, _ Context) (jmap.EmailFilter, bool) { return jmap.EmailFilter{Subject: v}, true },
	"body":     func(v string, _ Context) (jmap.EmailFilter, bool) { return jmap.EmailFilter{Body: v}, true },
	"filename": filename,
	"has":      has,
	"is":       is,
	"in":       in,
	"before":   before,
	"older":    before,
	"after":    after,
	"newer":    after,
	"on":       on,
	"larger":   larger,
	"smaller":  smaller,
}

func isOperator(key string) bool { return operators[key] != nil }

// Parse gives the filter the words mean; ok is false when there are none.
func Parse(text string, c Context) (filter jmap.EmailFilter, ok bool) {
	list := tokens(text)
	list = slices.DeleteFunc(list, token.isEverywhere)
	if len(list) == 0 {
		return filter, false
	}
	return every(list, c), true
}

// Everywhere reports whether the words ask for all mailboxes, Junk and Trash too.
func Everywhere(text string) bool { return slices.ContainsFunc(tokens(text), token.isEverywhere) }

func (t token) isEverywhere() bool {
	return t.key == "in" && !t.not && (strings.EqualFold(t.value, "anywhere") || strings.EqualFold(t.value, "all"))
}

// every is what all of the words mean together; an OR joins the two beside it.
func every(list []token, c Context) jmap.EmailFilter {
	var all []jmap.EmailFilter
	for i := 0; i < len(list); i++ {
		list[i].or = false // one that stands between nothing is a word
		some := []jmap.EmailFilter{condition(list[i], c)}
		for i+2 < len(list) && list[i+1].or && !list[i+2].or {
			i += 2
			some = append(some, condition(list[i], c))
		}
		all = append(all, operator("OR", some))
	}
	return operator("AND", all)
}

// operator joins conditions; those of an AND that fit into one become one.
func operator(name string, list []jmap.EmailFilter) jmap.EmailFilter {
	if name == "AND" {
		list = merged(list)
	}
	if len(list) == 1 {
		return list[0]
	}
	return jmap.EmailFilter{Operator: name, Conditions: list}
}

// condition is what one word means.
func condition(t token, c Context) jmap.EmailFilter {
	f := jmap.EmailFilter{Text: t.value}
	if t.group != nil {
		f = every(t.group, c)
	}
	if t.key != "" {
		var ok bool
		if f, ok = operators[t.key](t.value, c); !ok {
			f = jmap.EmailFilter{Text: t.key + ":" + t.value}
		}
	}
	if !t.not {
		return f
	}
	if several(f) {
		return jmap.EmailFilter{Operator: "NOT", Conditions: []jmap.EmailFilter{f}}
	}
	if f.HasKeyword != "" {
		return jmap.EmailFilter{NotKeyword: f.HasKeyword}
	}
	if f.NotKeyword != "" {
		return jmap.EmailFilter{HasKeyword: f.NotKeyword}
	}
	if f.HasAttachment != nil {
		return jmap.EmailFilter{HasAttachment: new(!*f.HasAttachment)}
	}
	return jmap.EmailFilter{Operator: "NOT", Conditions: []jmap.EmailFilter{f}}
}

// merged puts what says something about different properties into one condition,
// which servers answer best. Two words stay apart, since each has to be found.
func merged(list []jmap.EmailFilter) []jmap.EmailFilter {
	out := list[:0:0]
	at := -1
	for _, f := range list {
		switch {
		case f.Operator != "", several(f):
			out = append(out, f)
		case at < 0:
			at = len(out)
			out = append(out, f)
		case !join(&out[at], f):
			out = append(out, f)
		}
	}
	return out
}

// several reports whether a condition is about more than one property: filename:
// and on: are, and what a group became.
func several(f jmap.EmailFilter) bool {
	n := 0
	for _, has := range []bool{
		f.InMailbox != "", !f.Before.IsZero(), !f.After.IsZero(), f.MinSize != 0, f.MaxSize != 0, f.HasKeyword != "", f.NotKeyword != "",
		f.HasAttachment != nil, f.From != "", f.To != "", f.Cc != "", f.Bcc != "", f.Subject != "", f.Body != "", f.Text != "",
	} {
		if has {
			n++
		}
	}
	return n > 1
}

// join adds f to into unless both say something about the same property.
func join(into *jmap.EmailFilter, f jmap.EmailFilter) bool {
	switch {
	case f.InMailbox != "" && into.InMailbox == "":
		into.InMailbox = f.InMailbox
	case !f.Before.IsZero() && into.Before.IsZero():
		into.Before = f.Before
	case !f.After.IsZero() && into.After.IsZero():
		into.After = f.After
	case f.MinSize != 0 && into.MinSize == 0:
		into.MinSize = f.MinSize
	case f.MaxSize != 0 && into.MaxSize == 0:
		into.MaxSize = f.MaxSize
	case f.HasKeyword != "" && into.HasKeyword == "":
		into.HasKeyword = f.HasKeyword
	case f.NotKeyword != "" && into.NotKeyword == "":
		into.NotKeyword = f.NotKeyword
	case f.HasAttachment != nil && into.HasAttachment == nil:
		into.HasAttachment = f.HasAttachment
	case f.From != "" && into.From == "":
		into.From = f.From
	case f.To != "" && into.To == "":
		into.To = f.To
	case f.Cc != "" && into.Cc == "":
		into.Cc = f.Cc
	case f.Bcc != "" && into.Bcc == "":
		into.Bcc = f.Bcc
	case f.Subject != "" && into.Subject == "":
		into.Subject = f.Subject
	case f.Body != "" && into.Body == "":
		into.Body = f.Body
	case f.Text != "" && into.Text == "":
		into.Text = f.Text
	default:
		return false
	}
	return true
}

// filename: JMAP has no such property. What a bridge or server can do is to look
// for the name anywhere in a message that has attachments.
func filename(v string, _ Context) (jmap.EmailFilter, bool) {
	return jmap.EmailFilter{HasAttachment: new(true), Text: v}, true
}

func has(v string, _ Context) (jmap.EmailFilter, bool) {
	switch strings.ToLower(v) {
	case "attachment", "attachments", "file":
		return jmap.EmailFilter{HasAttachment: new(true)}, true
	}
	return jmap.EmailFilter{}, false
}

func is(v string, _ Context) (jmap.EmailFilter, bool) {
	switch strings.ToLower(v) {
	case "unread", "unseen":
		return jmap.EmailFilter{NotKeyword: jmap.KeywordSeen}, true
	case "read", "seen":
		return jmap.EmailFilter{HasKeyword: jmap.KeywordSeen}, true
	case "starred", "flagged":
		return jmap.EmailFilter{HasKeyword: jmap.KeywordFlagged}, true
	case "unstarred":
		return jmap.EmailFilter{NotKeyword: jmap.KeywordFlagged}, true
	case "draft":
		return jmap.EmailFilter{HasKeyword: jmap.KeywordDraft}, true
	case "answered", "replied":
		return jmap.EmailFilter{HasKeyword: jmap.KeywordAnswered}, true
	}
	return jmap.EmailFilter{}, false
}

func in(v string, c Context) (jmap.EmailFilter, bool) {
	if c.Mailbox == nil {
		return jmap.EmailFilter{}, false
	}
	id, ok := c.Mailbox(v)
	return jmap.EmailFilter{InMailbox: id}, ok
}

func before(v string, c Context) (jmap.EmailFilter, bool) {
	start, _, ok := dates(v, c.Now)
	return jmap.EmailFilter{Before: start.UTC()}, ok
}

// after means from the start of that day on, as people expect of "after:2026".
func after(v string, c Context) (jmap.EmailFilter, bool) {
	start, _, ok := dates(v, c.Now)
	return jmap.EmailFilter{After: start.UTC()}, ok
}

// on means within that day, month or year.
func on(v string, c Context) (jmap.EmailFilter, bool) {
	start, end, ok := dates(v, c.Now)
	return jmap.EmailFilter{After: start.UTC(), Before: end.UTC()}, ok
}

func larger(v string, _ Context) (jmap.EmailFilter, bool) {
	n, ok := octets(v)
	return jmap.EmailFilter{MinSize: n}, ok
}

func smaller(v string, _ Context) (jmap.EmailFilter, bool) {
	n, ok := octets(v)
	return jmap.EmailFilter{MaxSize: n}, ok
}

// octets reads 500, 20k, 5M, 1.5mb.
func octets(v string) (int64, bool) {
	v = strings.TrimSuffix(strings.ToLower(v), "b")
	unit := float64(1)
	for suffix, u := range map[string]float64{"k": 1 << 10, "m": 1 << 20, "g": 1 << 30} {
		if s, ok := strings.CutSuffix(v, suffix); ok {
			v, unit = s, u
			break
		}
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n > 0 && n*unit < 1<<50) || strings.ContainsAny(v, "xpeinf_+") {
		return 0, false
	}
	return max(1, int64(n*unit)), true
}
