package imapstore

import (
	"context"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// indexPiece is how many messages one FETCH of the index reads, about 1 KB each: the
// connection is free for others in between.
const indexPiece = 1000

var indexHeader = &imap.FetchItemBodySection{
	Specifier:    imap.PartSpecifierHeader,
	HeaderFields: []string{"Message-ID", "In-Reply-To", "References"},
	Peek:         true,
}

// Index reads dates and the ids that threads are made of, one round trip for each
// thousand messages.
func (s *Store) Index(ctx context.Context, mb upstream.MailboxRef, uids upstream.UIDSet, take func([]upstream.Fact) error) error {
	for end := uids.Len(); end > 0; end -= indexPiece {
		var piece []uint32
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
	err := s.in(ctx, mb, func(c *conn) error {
		out = make([]upstream.Fact, 0, len(uids))
		return c.fetch(uids, &imap.FetchOptions{
			UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{indexHeader},
		}, func(m *imapclient.FetchMessageBuffer) bool {
			if len(m.BodySection) == 0 {
				return false
			}
			e := message.ParseHeader(m.FindBodySection(indexHeader)).Envelope()
			out = append(out, upstream.Fact{
				UID: uint32(m.UID), ReceivedAt: m.InternalDate.UTC(), MessageID: e.MessageID, InReplyTo: e.InReplyTo, References: e.References,
			})
			return true
		})
	})
	return out, err
}

// Quotas is not known: the library would have to be asked for each root.
func (s *Store) Quotas(context.Context) ([]upstream.Quota, error) {
	return nil, upstream.ErrUnsupported
}
