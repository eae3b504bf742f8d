package imapstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// errBody: the message could not be read to its end, so the connection waits for
// octets that will not come.
var errBody = errors.New("the message to be filed could not be read")

// Append files a message. It is streamed; what it costs in memory does not grow
// with it.
func (s *Store) Append(ctx context.Context, to string, msg upstream.NewMessage) (upstream.MailboxRef, uint32, error) {
	ref := upstream.MailboxRef{Name: to}
	var uid uint32
	err := s.doOnce(ctx, func(c *conn) error {
		flags := flagsOf(slices.Collect(maps.Keys(msg.Keywords)))
		cmd := c.Append(to, msg.Size, &imap.AppendOptions{Flags: flags, Time: msg.ReceivedAt})
		body := &source{Reader: io.LimitReader(msg.Body, msg.Size)}
		n, copyErr := io.Copy(cmd, body)
		if body.err != nil || copyErr == nil && n != msg.Size {
			return fmt.Errorf("%w: %d of %d octets: %w", errBody, n, msg.Size, cmp.Or(body.err, io.ErrUnexpectedEOF))
		}
		// A refusal shows as an error of writing; the server's words are in the answer.
		if closeErr := cmd.Close(); copyErr == nil {
			copyErr = closeErr
		}
		data, err := cmd.Wait()
		if err != nil || copyErr != nil {
			return errors.Join(err, copyErr)
		}
		c.wrote()
		ref.UIDValidity, uid = data.UIDValidity, uint32(data.UID)
		return nil
	})
	return ref, uid, err
}

// source remembers why it could not be read.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
