package memstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

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

var errSection = errors.New("not a section of a message")

// Read reads sections of one message.
func (s *Store) Read(ctx context.Context, mb upstream.MailboxRef, uid uint32, sections []upstream.Section) ([][]byte, error) {
	var out [][]byte
	err := s.in(ctx, mb, func(_ *Account, m *mailbox) error {
		i := slices.IndexFunc(m.messages, func(msg *message) bool { return msg.uid == uid })
		if i < 0 {
			return upstream.ErrGone
		}
		for _, sec := range sections {
			raw, err := section(m.messages[i].raw, sec.Path)
			if err != nil {
				return err
			}
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

// section finds a piece of a message; one that is not there is empty.
func section(raw []byte, path string) ([]byte, error) {
	specifier := ""
	for _, word := range []string{"HEADER", "TEXT", "MIME"} {
		if rest, ok := strings.CutSuffix(path, word); ok && (rest == "" || strings.HasSuffix(rest, ".")) {
			specifier, path = word, strings.TrimSuffix(rest, ".")
		}
	}
	if path == "" {
		return piece(raw, specifier), nil
	}
	for word := range strings.SplitSeq(path, ".") {
		if n, err := strconv.ParseUint(word, 10, 31); err != nil || n == 0 {
			return nil, errSection
		}
	}
	p := find(mail.Parse(raw).Root, path)
	switch {
	case p == nil:
		return nil, nil
	case specifier == "MIME":
		return raw[p.HeaderOffset:p.Offset], nil
	}
	return piece(raw[p.Offset:p.Offset+p.Size], specifier), nil
}

// piece is a message, its header or its text.
func piece(raw []byte, specifier string) []byte {
	body := len(raw)
	if bytes.HasPrefix(raw, []byte("\r\n")) {
		body = 2
	} else if i := bytes.Index(raw, []byte("\r\n\r\n")); i >= 0 {
		body = i + 4
	}
	switch specifier {
	case "HEADER":
		return raw[:body]
	case "TEXT":
		return raw[body:]
	}
	return raw
}

// find finds any part, multiparts too.
func find(p *mail.Part, section string) *mail.Part {
	if p.Section == section {
		return p
	}
	for _, child := range p.Parts {
		if found := find(child, section); found != nil {
			return found
		}
	}
	return nil
}
