package imapstore

import (
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// fetchTries: how often a message is asked for whose answer was a change of flags.
const fetchTries = 3

// fetch asks for messages and gives take each of them once. take says whether the
// answer was whole. It is not when the server told a change of flags first: the
// library takes that for the answer and drops what follows, so it is asked again.
func (c *conn) fetch(uids []uint32, options *imap.FetchOptions, take func(*imapclient.FetchMessageBuffer) bool) error {
	taken := map[imap.UID]bool{}
	for try := 0; len(uids) > 0 && try < fetchTries; try++ {
		var partly []uint32
		err := c.each(uids, func(set imap.UIDSet) error {
			found, err := c.Fetch(set, options).Collect()
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
		uids = slices.Clone(partly)
	}
	return nil
}
