package imapstore

import (
	"errors"
	"io"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// fetchTries: how often a message is asked for whose answer was a change of flags.
const fetchTries = 3

var errNotWhole = errors.New("the server does not answer with what was asked for")

// fetch asks for messages and gives take each of them once. take says whether the
// answer was whole. It is not when the server told a change of flags first: the
// library takes that for the answer and drops what follows, so it is asked again.
func (c *conn) fetch(uids []uint32, options *imap.FetchOptions, take func(*imapclient.FetchMessageBuffer) bool) error {
	taken := map[imap.UID]bool{}
	for try := 0; len(uids) > 0 && try < fetchTries; try++ {
		var partly []uint32
		err := c.each(uids, func(set imap.UIDSet) error {
			found, err := collect(c.Fetch(set, options))
			for _, m := range found {
				if taken[m.UID] || !set.Contains(m.UID) {
					continue // not what was asked for
				}
				if taken[m.UID] = take(m); !taken[m.UID] {
					partly = append(partly, uint32(m.UID))
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		uids = partly
	}
	if len(uids) > 0 {
		return errNotWhole
	}
	return nil
}

// collect reads the answers to a FETCH. The library's own Collect goes on reading a
// literal that broke off, while the library reads the next answer from the same
// buffer; this stops there, and the connection is given up.
func collect(cmd *imapclient.FetchCommand) ([]*imapclient.FetchMessageBuffer, error) {
	var out []*imapclient.FetchMessageBuffer
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		buf := &imapclient.FetchMessageBuffer{SeqNum: msg.SeqNum}
		for item := msg.Next(); item != nil; item = msg.Next() {
			if err := collectItem(buf, item); err != nil {
				return out, err
			}
		}
		out = append(out, buf)
	}
	return out, cmd.Close()
}

func collectItem(buf *imapclient.FetchMessageBuffer, item imapclient.FetchItemData) error {
	switch item := item.(type) {
	case imapclient.FetchItemDataUID:
		buf.UID = item.UID
	case imapclient.FetchItemDataFlags:
		buf.Flags = item.Flags
	case imapclient.FetchItemDataInternalDate:
		buf.InternalDate = item.Time
	case imapclient.FetchItemDataRFC822Size:
		buf.RFC822Size = item.Size
	case imapclient.FetchItemDataBodyStructure:
		buf.BodyStructure = item.BodyStructure
	case imapclient.FetchItemDataBodySection:
		section := imapclient.FetchBodySectionBuffer{Section: item.Section}
		if item.Literal != nil {
			var err error
			section.Bytes, err = io.ReadAll(item.Literal)
			if err == nil && int64(len(section.Bytes)) != item.Literal.Size() {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
		}
		buf.BodySection = append(buf.BodySection, section)
	}
	return nil
}
