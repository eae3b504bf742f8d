package imapstore

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

const (
	// indexPiece is how many messages one FETCH of the index reads, about 300 octets
	// each: others may have the connection in between.
	indexPiece = 2000
	// maxIndexHeader is the most octets of the header fields that are kept.
	maxIndexHeader = 64 << 10
)

var indexHeader = &imap.FetchItemBodySection{
	Specifier:    imap.PartSpecifierHeader,
	HeaderFields: []string{"Message-ID", "In-Reply-To", "References"},
	Peek:         true,
}

// Index reads dates and the ids that threads are made of, one round trip for each
// piece, on the connection for what nobody waits for.
func (s *Store) Index(ctx context.Context, mb upstream.MailboxRef, uids upstream.UIDSet, take func([]upstream.Fact) error) error {
	for end := uids.Len(); end > 0; end -= indexPiece {
		piece := make([]uint32, 0, indexPiece)
		for i := max(end-indexPiece, 0); i < end; i++ {
			piece = append(piece, uids.At(i))
		}
		facts, err := s.facts(ctx, mb, piece)
		if err != nil {
			return err
		}
		if err := take(facts); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) facts(ctx context.Context, mb upstream.MailboxRef, uids []uint32) ([]upstream.Fact, error) {
	var out []upstream.Fact
	err := s.lend(ctx, loan{mailbox: mb.Name, again: true, background: true}, func(c *conn) error {
		return c.in(mb, func(c *conn) error {
			out = make([]upstream.Fact, 0, len(uids))
			items := imapwire.Items{InternalDate: true, Sections: []*imap.FetchItemBodySection{indexHeader}, Keep: maxIndexHeader}
			return c.fetch(uids, c.objectIDs(items, true), func(m *imapwire.Message) {
				out = append(out, fact(m))
			})
		})
	})
	return out, err
}

func fact(m *imapwire.Message) upstream.Fact {
	raw, _ := m.Find(indexHeader)
	header := message.ParseHeader(raw)
	ids := func(name string) []string {
		value, _ := header.Raw(name)
		return message.MessageIDs(value)
	}
	return upstream.Fact{
		UID: uint32(m.UID), ReceivedAt: m.InternalDate,
		MessageID: ids("Message-ID"), InReplyTo: ids("In-Reply-To"), References: ids("References"),
		ThreadID: m.ThreadID, ObjectID: m.ObjectID,
	}
}

// Quotas asks for the limits of INBOX (RFC 9208).
func (s *Store) Quotas(ctx context.Context) ([]upstream.Quota, error) {
	var out []upstream.Quota
	err := s.do(ctx, func(c *conn) error {
		if !c.can(imap.CapQuota) {
			return upstream.ErrUnsupported
		}
		cmd := c.QuotaRoot("INBOX")
		if err := cmd.Do(); err != nil {
			if refused := new(imap.Error); errors.As(err, &refused) && refused.Type == imap.StatusResponseTypeNo {
				return errors.Join(upstream.ErrUnsupported, err)
			}
			return err
		}
		out = []upstream.Quota{}
		for _, q := range cmd.Quotas {
			out = append(out, quota(q))
		}
		return nil
	})
	return out, err
}

func quota(d imapwire.QuotaData) upstream.Quota {
	q := upstream.Quota{Root: strings.ToValidUTF8(d.Root, "\ufffd"), Resource: d.Resource, Used: d.Used, Limit: d.Limit}
	if q.Resource == "STORAGE" { // RFC 9208 §5.1: in units of 1024 octets
		const most = (1<<63 - 1) / 1024
		q.Used, q.Limit = min(q.Used, most)*1024, min(q.Limit, most)*1024
	}
	return q
}
