package imapstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// errBody: the message could not be read to its end, so the connection waits for
// octets that will not come.
var errBody = errors.New("the message to be filed could not be read")

// Append files a message. It is streamed; what it costs in memory does not grow
// with it. A server that does not tell the UID (RFC 4315) is asked for the newest message
// with this Message-ID.
func (s *Store) Append(ctx context.Context, to string, msg upstream.NewMessage) (upstream.MailboxRef, uint32, error) {
	ref := upstream.MailboxRef{Name: to}
	var uid uint32
	err := s.doOnce(ctx, func(c *conn) error {
		wire, err := c.wire(to)
		if err != nil {
			return err
		}
		flags := flagsOf(slices.Collect(maps.Keys(msg.Keywords)))
		body := &source{Reader: io.LimitReader(msg.Body, msg.Size), left: msg.Size}
		cmd := c.Append(wire, flags, msg.ReceivedAt, body, msg.Size)
		if err := cmd.Do(); err != nil {
			if body.err != nil {
				return fmt.Errorf("%w: %w", errBody, body.err)
			}
			return err
		}
		c.wrote()
		if ref.UIDValidity, uid = cmd.Appended(); uid == 0 {
			c.find(&ref, &uid, body.header)
		}
		return nil
	})
	return ref, uid, err
}

// amongLast is among how many of the last UIDs a message that was just filed is looked for.
const amongLast = 100

// find looks for a message that was filed. That it cannot be found is no reason to call the
// filing failed.
func (c *conn) find(ref *upstream.MailboxRef, uid *uint32, header []byte) {
	ids := message.ParseHeader(header).Envelope().MessageID
	if len(ids) != 1 {
		return
	}
	box, err := c.selectMailbox(ref.Name)
	if err != nil {
		return
	}
	criteria := &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + ids[0] + ">"}}}
	if box.UIDNext > amongLast { // else the server might read all headers there are
		criteria.UID = []imap.UIDSet{{{Start: imap.UID(box.UIDNext - amongLast), Stop: 0}}}
	}
	cmd := c.search(criteria)
	if cmd.Do() != nil {
		return
	}
	if found := spine(cmd.Found); found.Len() > 0 {
		ref.UIDValidity, *uid = box.UIDValidity, found.At(found.Len()-1)
	}
}

// maxHeader of a message to be filed is kept, to find it again.
const maxHeader = 64 << 10

// source remembers why it could not be read, and the message's header.
type source struct {
	io.Reader
	left   int64
	err    error
	header []byte
	whole  bool // the header has been read
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.left -= int64(n)
	switch {
	case err == io.EOF && s.left > 0:
		s.err = io.ErrUnexpectedEOF
	case err != nil && err != io.EOF:
		s.err = err
	}
	if !s.whole {
		s.header = append(s.header, p[:min(n, maxHeader-len(s.header))]...)
		s.whole = len(s.header) == maxHeader || bytes.Contains(s.header, []byte("\r\n\r\n"))
	}
	return n, err
}
