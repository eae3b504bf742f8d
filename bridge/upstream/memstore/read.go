package memstore

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"

	mail "github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Rows reads what a list shows of messages.
func (s *Store) Rows(ctx context.Context, mb upstream.MailboxRef, uids []uint32) ([]upstream.Row, error) {
	var out []upstream.Row
	err := s.in(ctx, mb, func(_ *Account, m *mailbox) error {
		for _, msg := range m.messages {
			if slices.Contains(uids, msg.uid) {
				out = append(out, msg.row())
			}
		}
		return nil
	})
	return out, err
}

// Index reads what threads are made of.
func (s *Store) Index(ctx context.Context, mb upstream.MailboxRef, uids upstream.UIDSet, take func([]upstream.Fact) error) error {
	var facts []upstream.Fact
	err := s.in(ctx, mb, func(_ *Account, m *mailbox) error {
		for _, msg := range slices.Backward(m.messages) {
			if uids.Contains(msg.uid) {
				facts = append(facts, msg.fact())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return take(facts)
}

func (m *message) fact() upstream.Fact {
	e := mail.Parse(m.raw).Header.Envelope()
	return upstream.Fact{UID: m.uid, ReceivedAt: m.received.UTC(), MessageID: e.MessageID, InReplyTo: e.InReplyTo, References: e.References, ObjectID: m.guid}
}

func (m *message) row() upstream.Row {
	parsed := mail.Parse(m.raw)
	return upstream.Row{
		UID: m.uid, Keywords: maps.Clone(m.keywords), ReceivedAt: m.received.UTC(), Size: int64(len(m.raw)),
		Envelope: parsed.Header.Envelope(), Root: parsed.Root, Preview: m.preview(parsed),
	}
}

func (m *message) preview(parsed *mail.Message) string {
	first := parsed.Root.FirstText()
	if first == nil {
		return ""
	}
	return mail.Preview(first.Type, m.text(first))
}

// text is a part as people read it.
func (m *message) text(p *mail.Part) string {
	body, err := io.ReadAll(mail.DecodeTransfer(p.Encoding, bytes.NewReader(m.raw[p.Offset:p.Offset+p.Size])))
	if err != nil {
		return ""
	}
	text, _ := mail.DecodeText(p.Params["charset"], body)
	return text
}

// Read reads sections of one message.
func (s *Store) Read(ctx context.Context, mb upstream.MailboxRef, uid uint32, sections []upstream.Section) ([][]byte, error) {
	var out [][]byte
	err := s.in(ctx, mb, func(_ *Account, m *mailbox) error {
		i := slices.IndexFunc(m.messages, func(msg *message) bool { return msg.uid == uid })
		if i < 0 {
			return upstream.ErrGone
		}
		raw := m.messages[i].raw
		root := mail.Parse(raw).Root
		for _, sec := range sections {
			from, to, err := root.Locate(sec.Path, int64(len(raw)))
			if err != nil {
				return err
			}
			raw := raw[from:to]
			raw = raw[min(sec.Offset, int64(len(raw))):]
			if sec.Length > 0 {
				raw = raw[:min(sec.Length, int64(len(raw)))]
			}
			out = append(out, bytes.Clone(raw))
		}
		return nil
	})
	return out, err
}
