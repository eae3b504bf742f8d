package memstore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	mail "github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Search gives the messages that match, from a UID on.
func (s *Store) Search(ctx context.Context, mb upstream.MailboxRef, filter *jmap.EmailFilter, from uint32) (upstream.UIDSet, error) {
	var uids []uint32
	err := s.in(ctx, mb, func(_ *Account, m *mailbox) error {
		for _, msg := range m.messages {
			ok, err := msg.matches(filter)
			if err != nil {
				return err
			}
			if ok && msg.uid >= from {
				uids = append(uids, msg.uid)
			}
		}
		return nil
	})
	return upstream.NewUIDSet(uids...), err
}

// matches: RFC 8621 §4.4.1.
func (m *message) matches(f *jmap.EmailFilter) (bool, error) {
	if f == nil {
		return true, nil
	}
	if f.Operator == "" {
		return m.meets(f)
	}
	some, all := false, true
	for i := range f.Conditions {
		ok, err := m.matches(&f.Conditions[i])
		if err != nil {
			return false, err
		}
		some, all = some || ok, all && ok
	}
	switch f.Operator {
	case "AND":
		return all, nil
	case "OR":
		return some, nil
	case "NOT":
		return !some, nil
	}
	return false, upstream.ErrUnsupported
}

// meets says whether a message meets all of one condition.
func (m *message) meets(f *jmap.EmailFilter) (bool, error) {
	if f.AllInThreadHaveKeyword != "" || f.SomeInThreadHaveKeyword != "" || f.NoneInThreadHaveKeyword != "" {
		return false, upstream.ErrUnsupported
	}
	parsed := mail.Parse(m.raw)
	field := func(name string) string { return mail.Text(strings.Join(parsed.Header.All(name), " ")) }
	size := int64(len(m.raw))
	ok := (f.Before.IsZero() || m.received.Before(f.Before)) &&
		(f.After.IsZero() || !m.received.Before(f.After)) &&
		size >= f.MinSize && (f.MaxSize == 0 || size < f.MaxSize) &&
		(f.HasKeyword == "" || m.keywords[strings.ToLower(f.HasKeyword)]) &&
		(f.NotKeyword == "" || !m.keywords[strings.ToLower(f.NotKeyword)]) &&
		(f.HasAttachment == nil || *f.HasAttachment == parsed.Root.HasAttachment()) &&
		contains(field("From"), f.From) && contains(field("To"), f.To) && contains(field("Cc"), f.Cc) &&
		contains(field("Bcc"), f.Bcc) && contains(field("Subject"), f.Subject)
	if len(f.Header) > 0 {
		_, there := parsed.Header.Raw(f.Header[0])
		ok = ok && there && (len(f.Header) < 2 || contains(field(f.Header[0]), f.Header[1]))
	}
	if ok && f.Body+f.Text != "" {
		body := m.body(parsed.Root)
		var header strings.Builder
		for _, h := range parsed.Header.Fields() {
			header.WriteString(mail.Text(h.Value) + "\n")
		}
		ok = contains(body, f.Body) && (contains(body, f.Text) || contains(header.String(), f.Text))
	}
	return ok, nil
}

// body is all text of a message.
func (m *message) body(p *mail.Part) string {
	out := ""
	if strings.HasPrefix(p.Type, "text/") {
		out = m.text(p)
	}
	for _, child := range p.Parts {
		out += "\n" + m.body(child)
	}
	return out
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// Sort gives the messages that match, in order.
func (s *Store) Sort(ctx context.Context, mb upstream.MailboxRef, filter *jmap.EmailFilter, sort []jmap.Comparator) ([]uint32, error) {
	found, err := s.Search(ctx, mb, filter, 0)
	if err != nil {
		return nil, err
	}
	rows, err := s.Rows(ctx, mb, found.All())
	if err != nil {
		return nil, err
	}
	for _, by := range sort {
		if _, ok := compare[by.Property]; !ok {
			return nil, upstream.ErrUnsupported
		}
	}
	slices.SortStableFunc(rows, func(a, b upstream.Row) int {
		for _, by := range sort {
			c := compare[by.Property](a, b)
			if !by.Ascending() {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.UID, b.UID)
	})
	uids := make([]uint32, len(rows))
	for i, r := range rows {
		uids[i] = r.UID
	}
	return uids, nil
}

var compare = map[string]func(a, b upstream.Row) int{
	"receivedAt": func(a, b upstream.Row) int { return a.ReceivedAt.Compare(b.ReceivedAt) },
	"sentAt": func(a, b upstream.Row) int { // RFC 5256 §2.2
		return cmp.Or(a.Envelope.SentAt, a.ReceivedAt).Compare(cmp.Or(b.Envelope.SentAt, b.ReceivedAt))
	},
	"size": func(a, b upstream.Row) int { return cmp.Compare(a.Size, b.Size) },
	"from": func(a, b upstream.Row) int { return strings.Compare(first(a.Envelope.From), first(b.Envelope.From)) },
	"to":   func(a, b upstream.Row) int { return strings.Compare(first(a.Envelope.To), first(b.Envelope.To)) },
	"subject": func(a, b upstream.Row) int {
		return strings.Compare(strings.ToLower(mail.BaseSubject(a.Envelope.Subject)), strings.ToLower(mail.BaseSubject(b.Envelope.Subject)))
	},
}

func first(list []jmap.EmailAddress) string {
	if len(list) == 0 {
		return ""
	}
	return strings.ToLower(list[0].Email)
}
