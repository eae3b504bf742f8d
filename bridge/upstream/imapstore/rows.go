package imapstore

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

const (
	// previewOctets of a message's text are read for its preview.
	previewOctets = 2048
	// maxRowHeader is the most octets of the header fields that are kept.
	maxRowHeader = 1 << 20
)

var (
	rowHeader = &imap.FetchItemBodySection{
		Specifier: imap.PartSpecifierHeader,
		HeaderFields: []string{
			"From", "To", "Cc", "Bcc", "Sender", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
			"Content-Type", "Content-Transfer-Encoding",
		},
		Peek: true,
	}
	rowText = &imap.FetchItemBodySection{
		Specifier: imap.PartSpecifierText,
		Partial:   &imap.SectionPartial{Offset: 0, Size: previewOctets},
		Peek:      true,
	}
)

// Rows reads what a list shows, in one FETCH. The header fields are parsed here
// and not taken from the server's ENVELOPE, which loses quotes of local parts: one
// parser for list and reader.
func (s *Store) Rows(ctx context.Context, mb upstream.MailboxRef, uids []uint32) ([]upstream.Row, error) {
	var out []upstream.Row
	err := s.in(ctx, mb, func(c *conn) error {
		out = make([]upstream.Row, 0, len(uids))
		items := imapwire.Items{
			Flags: true, InternalDate: true, Size: true, Structure: true,
			Sections: []*imap.FetchItemBodySection{rowHeader}, Keep: maxRowHeader,
		}
		if items.Preview = c.can(imap.CapPreview); !items.Preview {
			items.Sections = append(items.Sections, rowText)
		}
		items = c.objectIDs(items, false)
		var hollow []uint32
		err := c.fetch(uids, items, func(m *imapwire.Message) {
			if header, _ := m.Find(rowHeader); len(header) == 0 {
				hollow = append(hollow, uint32(m.UID))
			} else if r, ok := row(m); ok {
				out = append(out, r)
			}
		})
		if err != nil || len(hollow) == 0 {
			return err
		}
		// Dovecot 2.3 gives nothing of a message that another session has removed and this
		// one still shows; of one without a header it gives an empty line.
		if err := c.settle(); err != nil {
			return err
		}
		return c.fetch(hollow, items, func(m *imapwire.Message) {
			if r, ok := row(m); ok {
				out = append(out, r)
			}
		})
	})
	return out, err
}

func row(m *imapwire.Message) (upstream.Row, bool) {
	keywords := keywordsOf(uint32(m.UID), m.Flags)
	header, _ := m.Find(rowHeader)
	r := upstream.Row{
		UID:        uint32(m.UID),
		Keywords:   keywords.Set,
		ReceivedAt: m.InternalDate,
		Size:       m.Size,
		Envelope:   message.ParseHeader(header).Envelope(),
		Root:       part(m.Structure, nil, true),
		ThreadID:   m.ThreadID,
		ObjectID:   m.ObjectID,
	}
	if m.HasPreview {
		r.Preview = message.Preview("text/plain", strings.ToValidUTF8(m.Preview, "\ufffd"))
	} else if text, ok := m.Find(rowText); ok {
		r.Preview = preview(header, text)
	}
	return r, !keywords.Gone
}

// preview finds the first text in the beginning of a message.
func preview(header, text []byte) string {
	raw := append(bytes.TrimRight(header, "\r\n"), "\r\n\r\n"...)
	return message.Parse(append(raw, text...)).Preview()
}

// part turns a BODYSTRUCTURE into a tree of parts. path is where it lies; outer is
// set for the message's own body, not for that of an attached message.
func part(bs imap.BodyStructure, path []int, outer bool) *message.Part {
	switch bs := bs.(type) {
	case *imap.BodyStructureMultiPart:
		p := &message.Part{Section: section(path), Type: "multipart/" + strings.ToLower(bs.Subtype)}
		if bs.Extended != nil {
			p.Params = lower(bs.Extended.Params)
			p.Language, p.Location = bs.Extended.Language, bs.Extended.Location
		}
		for i, child := range bs.Children {
			p.Parts = append(p.Parts, part(child, append(path[:len(path):len(path)], i+1), true))
		}
		return p
	case *imap.BodyStructureSinglePart:
		if len(path) == 0 || !outer {
			path = append(path[:len(path):len(path)], 1)
		}
		return leaf(bs, path)
	}
	return &message.Part{Section: "1", Type: "text/plain"}
}

func leaf(bs *imap.BodyStructureSinglePart, path []int) *message.Part {
	p := &message.Part{
		Section:  section(path),
		Type:     message.MediaType(bs.MediaType()),
		Params:   lower(bs.Params),
		CID:      strings.Trim(strings.TrimSpace(bs.ID), "<>"),
		Encoding: message.TransferEncoding(bs.Encoding),
		Size:     int64(bs.Size),
	}
	fileName := ""
	if bs.Extended != nil {
		p.Language, p.Location = bs.Extended.Language, bs.Extended.Location
		if d := bs.Extended.Disposition; d != nil {
			p.Disposition = strings.ToLower(d.Value)
			fileName = message.Param(d.Params, "filename")
		}
	}
	p.SetName(fileName, message.Param(bs.Params, "name"))
	if bs.MessageRFC822 != nil && bs.MessageRFC822.BodyStructure != nil {
		p.Parts = []*message.Part{part(bs.MessageRFC822.BodyStructure, path, false)}
	}
	return p
}

func section(path []int) string {
	words := make([]string, len(path))
	for i, n := range path {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ".")
}

func lower(params map[string]string) map[string]string {
	out := make(map[string]string, len(params))
	for k, v := range params {
		out[strings.ToLower(k)] = v
	}
	return out
}
