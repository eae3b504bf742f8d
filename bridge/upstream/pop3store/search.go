package pop3store

import (
	"context"
	"database/sql"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Search gives the messages that match, from a UID on.
func (s *Store) Search(ctx context.Context, mb upstream.MailboxRef, filter *jmap.EmailFilter, from uint32) (upstream.UIDSet, error) {
	db, b, err := s.in(ctx, mb)
	if err != nil {
		return upstream.UIDSet{}, err
	}
	q := &query{s: s, db: db, box: b, all: b.uids}
	if from > 1 {
		var before upstream.UIDSetBuilder
		before.AddRange(1, from-1)
		q.all = b.uids.Minus(before.Set())
	}
	return q.matching(ctx, filter)
}

// query is one search in one mailbox.
type query struct {
	s   *Store
	db  *sql.DB
	box box
	all upstream.UIDSet // what is searched
}

// matching: RFC 8621 §4.4.1.
func (q *query) matching(ctx context.Context, f *jmap.EmailFilter) (upstream.UIDSet, error) {
	if f == nil {
		return q.all, nil
	}
	if f.Operator == "" {
		return q.meeting(ctx, f)
	}
	some, all := upstream.UIDSet{}, q.all
	for i := range f.Conditions {
		found, err := q.matching(ctx, &f.Conditions[i])
		if err != nil {
			return found, err
		}
		some, all = some.Union(found), all.Intersect(found)
	}
	switch f.Operator {
	case "AND":
		return all, nil
	case "OR":
		return some, nil
	case "NOT":
		return q.all.Minus(some), nil
	}
	return upstream.UIDSet{}, upstream.ErrUnsupported
}

// meeting is the messages that meet all of one condition.
func (q *query) meeting(ctx context.Context, f *jmap.EmailFilter) (upstream.UIDSet, error) {
	if f.AllInThreadHaveKeyword != "" || f.SomeInThreadHaveKeyword != "" || f.NoneInThreadHaveKeyword != "" {
		return upstream.UIDSet{}, upstream.ErrUnsupported
	}
	where, args := conditions(f)
	if len(where) == 0 && len(f.Header) == 0 {
		return q.all, nil
	}
	statement := `SELECT m.uid, m.content FROM message m JOIN content c ON c.id = m.content WHERE m.box = ?` + strings.Join(append([]string{""}, where...), " AND ") + ` ORDER BY m.uid` //nolint:gosec // of words of ours
	found, err := q.db.QueryContext(ctx, statement, append([]any{q.box.id}, args...)...)
	if err != nil {
		return upstream.UIDSet{}, err
	}
	defer found.Close()
	var out upstream.UIDSetBuilder
	for found.Next() {
		var uid uint32
		var content int64
		if err := found.Scan(&uid, &content); err != nil {
			return upstream.UIDSet{}, err
		}
		if len(f.Header) > 0 && !q.s.hasHeader(content, f.Header) {
			continue
		}
		out.AddRange(uid, uid)
	}
	return out.Set().Intersect(q.all), found.Err()
}

// conditions is what a filter says, in SQL.
func conditions(f *jmap.EmailFilter) (where []string, args []any) {
	add := func(condition string, arg any) { where, args = append(where, condition), append(args, arg) }
	if !f.Before.IsZero() {
		add("m.received < ?", f.Before.Unix())
	}
	if !f.After.IsZero() {
		add("m.received >= ?", f.After.Unix())
	}
	if f.MinSize > 0 {
		add("c.size >= ?", f.MinSize)
	}
	if f.MaxSize > 0 {
		add("c.size < ?", f.MaxSize)
	}
	for _, k := range []struct{ keyword, condition string }{{f.HasKeyword, "instr(m.keywords, ?) > 0"}, {f.NotKeyword, "instr(m.keywords, ?) = 0"}} {
		if k.keyword == "" {
			continue
		}
		if !isKeyword(k.keyword) { // nothing has it
			k.keyword = "("
		}
		add(k.condition, " "+strings.ToLower(k.keyword)+" ")
	}
	if f.HasAttachment != nil {
		add("c.attached = ?", *f.HasAttachment)
	}
	for _, t := range []struct{ column, text string }{
		{"sender", f.From},
		{"recipient", f.To},
		{"cc", f.Cc},
		{"bcc", f.Bcc},
		{"subject", f.Subject},
		{"body", f.Body},
		{"", f.Text},
	} {
		if t.text == "" {
			continue
		}
		words := phrase(t.text)
		if words == "" { // signs alone, which are not indexed
			where = append(where, "FALSE")
			continue
		}
		if t.column != "" {
			words = t.column + " : " + words
		}
		add("m.content IN (SELECT rowid FROM words WHERE words MATCH ?)", words)
	}
	return where, args
}

// phrase is a text as FTS5 looks for it: these words in a row, of which the last may be
// the beginning of one.
func phrase(text string) string {
	text = spaced(text)
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
		return ""
	}
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, "\x00", " "), `"`, `""`) + `" *`
}

// maxHead is how much of a file is read to find its header.
const maxHead = 256 << 10

// hasHeader reports whether a message has a header field, and if asked for, with this in it.
func (s *Store) hasHeader(content int64, want []string) bool {
	f, err := os.Open(s.path(content))
	if err != nil {
		return false // it is gone by now
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxHead))
	if err != nil {
		return false
	}
	h := message.ParseHeader(raw)
	if len(want) < 2 {
		_, there := h.Raw(want[0])
		return there
	}
	for _, value := range h.All(want[0]) {
		if strings.Contains(strings.ToLower(message.Text(value)), strings.ToLower(want[1])) {
			return true
		}
	}
	return false
}

// sortColumns is what messages can be sorted by.
var sortColumns = map[string]string{
	"receivedAt": "m.received",
	"sentAt":     "coalesce(c.sent, m.received)", // RFC 5256 §2.2
	"size":       "c.size",
	"from":       "c.from_key",
	"to":         "c.to_key",
	"subject":    "c.subject_key",
}

// Sort gives the messages that match, in order.
func (s *Store) Sort(ctx context.Context, mb upstream.MailboxRef, filter *jmap.EmailFilter, sort []jmap.Comparator) ([]uint32, error) {
	var by []string
	for _, c := range sort {
		column, ok := sortColumns[c.Property]
		if !ok {
			return nil, upstream.ErrUnsupported
		}
		if !c.Ascending() {
			column += " DESC"
		}
		by = append(by, column)
	}
	found, err := s.Search(ctx, mb, filter, 0)
	if err != nil {
		return nil, err
	}
	db, b, err := s.in(ctx, mb)
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT m.uid FROM message m JOIN content c ON c.id = m.content WHERE m.box = ? ORDER BY `+strings.Join(append(by, "m.uid"), ", "), b.id) //nolint:gosec // of words of ours
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []uint32
	for rows.Next() {
		var uid uint32
		if err := rows.Scan(&uid); err != nil {
			return nil, err
		}
		if found.Contains(uid) {
			out = append(out, uid)
		}
	}
	return out, rows.Err()
}
