package method

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// sortKey is what one comparator compares of one email: the number, then the text.
type sortKey struct {
	number int64
	text   []byte // a collation key
}

func (k sortKey) compare(other sortKey) int {
	return cmp.Or(cmp.Compare(k.number, other.number), bytes.Compare(k.text, other.text))
}

// keyed is an email with what it is sorted by.
type keyed struct {
	ref
	key sortKey
}

// sort sorts by one comparator after the other. Only what the ones before found equal
// needs the next, so that few rows are read for the later ones.
func (m *matcher) sort(ctx context.Context, h *emailHits, sort []jmap.Comparator) error {
	ties := [][]ref{h.refs} // parts of h.refs
	for _, by := range sort {
		var members []ref
		for _, tie := range ties {
			members = append(members, tie...)
		}
		keyOf, err := m.keyOf(ctx, members, by)
		if err != nil {
			return err
		}
		var next [][]ref
		for _, tie := range ties {
			next = append(next, sortTie(tie, keyOf, by.Ascending())...)
		}
		if ties = next; len(ties) == 0 {
			return nil
		}
	}
	return nil
}

// sortTie sorts a part of a result in place and gives its parts that are still equal.
func sortTie(tie []ref, keyOf func(ref) sortKey, ascending bool) (ties [][]ref) {
	all := make([]keyed, len(tie))
	for i, r := range tie {
		all[i] = keyed{r, keyOf(r)}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		if ascending {
			return a.key.compare(b.key)
		}
		return b.key.compare(a.key)
	})
	start := 0
	for i := range all {
		tie[i] = all[i].ref
		if end := i + 1; end == len(all) || all[i].key.compare(all[end].key) != 0 {
			if end-start > 1 {
				ties = append(ties, tie[start:end])
			}
			start = end
		}
	}
	return ties
}

// keyOf finds out what a comparator compares of some emails.
func (m *matcher) keyOf(ctx context.Context, refs []ref, by jmap.Comparator) (func(ref) sortKey, error) {
	switch by.Property {
	case "receivedAt":
		return func(r ref) sortKey { return sortKey{number: m.receivedAt(r)} }, m.readDates(ctx, refs)
	case "hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword":
		return m.keywordKeys(ctx, refs, by)
	}
	keys, err := m.rowKeys(ctx, refs)
	return func(r ref) sortKey { return keys[r].of(by.Property) }, err
}

// readDates sees to it that the dates of emails are known, as far as withDates does.
func (m *matcher) readDates(ctx context.Context, refs []ref) error {
	for i, uids := range m.bySpine(refs) {
		if _, _, err := m.withDates(ctx, i, uids); err != nil {
			return err
		}
	}
	return nil
}

// bySpine parts emails by the spine they are in.
func (m *matcher) bySpine(refs []ref) []upstream.UIDSet {
	lists := make([][]uint32, len(m.spines))
	for _, r := range refs {
		lists[r.spine] = append(lists[r.spine], r.uid)
	}
	out := make([]upstream.UIDSet, len(lists))
	for i, list := range lists {
		out[i] = upstream.NewUIDSet(list...)
	}
	return out
}

// keywordKeys: RFC 8621 §4.4.2, false comes before true.
func (m *matcher) keywordKeys(ctx context.Context, refs []ref, by jmap.Comparator) (func(ref) sortKey, error) {
	f := emailFilter{property: by.Property}
	*f.text() = by.Keyword
	having := make([]upstream.UIDSet, len(m.spines))
	for i, uids := range m.bySpine(refs) {
		var err error
		if having[i], err = m.match(ctx, m.spines[i], &f, uids); err != nil {
			return nil, err
		}
	}
	return func(r ref) sortKey {
		if having[r.spine].Contains(r.uid) {
			return sortKey{number: 1}
		}
		return sortKey{}
	}, nil
}

// rowKey is what an email is sorted by that only its row tells, and never changes.
type rowKey struct {
	size, sentAt      int64
	from, to, subject []byte // collation keys
}

func (k rowKey) of(property string) sortKey {
	switch property {
	case "size":
		return sortKey{number: k.size}
	case "sentAt":
		return sortKey{number: k.sentAt}
	case "from":
		return sortKey{text: k.from}
	case "to":
		return sortKey{text: k.to}
	}
	return sortKey{text: k.subject}
}

// rowKeys reads the rows of emails that are not known from earlier queries.
func (m *matcher) rowKeys(ctx context.Context, refs []ref) (map[ref]rowKey, error) {
	if len(refs) > rowKeysKept {
		return nil, jmap.Failf(jmap.UnsupportedSort, "%d emails are too many to be sorted like this: the most is %d", len(refs), rowKeysKept)
	}
	memory := m.account.Memory()
	ids := make([]jmap.Id, len(refs))
	for i, r := range refs {
		ids[i] = m.spines[r.spine].EmailID(r.uid)
	}
	known := memory.rowKeysOf(ids)
	out := make(map[ref]rowKey, len(refs))
	var missing []ref
	for i, r := range refs {
		k, ok := known[ids[i]]
		if !ok {
			missing = append(missing, r)
			continue
		}
		out[r] = k
	}
	fresh := map[jmap.Id]rowKey{}
	order := collate.New(language.Und)
	for i, uids := range m.bySpine(missing) {
		err := m.rows(ctx, m.spines[i], uids, func(uid uint32, row *Row) {
			k := newRowKey(order, row)
			out[ref{uint32(i), uid}] = k
			fresh[m.spines[i].EmailID(uid)] = k
		})
		if err != nil {
			memory.keepRowKeys(fresh)
			return nil, err
		}
	}
	memory.keepRowKeys(fresh)
	return out, nil
}

// newRowKey: RFC 8621 §4.4.2. Names and subjects are in the order of the Unicode
// Collation Algorithm: a and A together, é after e.
func newRowKey(order *collate.Collator, row *Row) rowKey {
	var buf collate.Buffer
	key := func(s string) []byte {
		defer buf.Reset()
		return bytes.Clone(order.KeyFromString(&buf, cutOctets(s, 100)))
	}
	sent := row.Envelope.SentAt
	if sent.IsZero() {
		sent = row.ReceivedAt // RFC 5256 §2.2
	}
	return rowKey{
		size: row.Size, sentAt: sent.Unix(),
		from: key(firstName(row.Envelope.From)), to: key(firstName(row.Envelope.To)),
		subject: key(message.BaseSubject(row.Envelope.Subject)),
	}
}

// firstName is the name of the first address, else the address; "" when there is none.
func firstName(list []jmap.EmailAddress) string {
	if len(list) == 0 {
		return ""
	}
	return strings.TrimSpace(list[0].DisplayName())
}
