package imapstore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// maxMessages is more than any mailbox has: a server that speaks in ranges can claim
// four billion in a few octets, and somebody would list them.
const maxMessages = 20_000_000

var unreadCriteria = &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft}}

var errTooMany = errors.New("more messages than a mailbox can have")

// Sync selects the mailbox, asks which messages it has, which are unread, and which
// changed: four commands sent at once, one round trip.
func (s *Store) Sync(ctx context.Context, name string, known upstream.Known) (*upstream.Snapshot, error) {
	var out *upstream.Snapshot
	err := s.lend(ctx, name, true, func(c *conn) error {
		selecting := c.startSelect(name)
		searching := c.search(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}})
		var unread *imapclient.SearchCommand
		if c.caps.Has(imap.CapESearch) { // without it, nothing says which search an answer is for
			unread = c.search(unreadCriteria)
		}
		var changes *imapclient.FetchCommand
		var more imap.UIDSet
		condstore := c.caps.Has(imap.CapCondStore)
		switch {
		case condstore && known.HighestModSeq > 0:
			all := imap.UIDSet{{Start: 1, Stop: 0}}
			changes = c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, ChangedSince: known.HighestModSeq})
		case !condstore && len(known.Watched) > 0:
			first := uidSet(known.Watched)
			if len(first) > maxRanges {
				first, more = first[:maxRanges], first[maxRanges:]
			}
			changes = c.Fetch(first, &imap.FetchOptions{UID: true, Flags: true})
		}
		// The last command is read first: its answers may begin before the others have
		// ended, and the library reads no further until somebody takes them.
		var changed []*imapclient.FetchMessageBuffer
		var fetchErr error
		if changes != nil {
			changed, fetchErr = collect(changes)
		}
		data, err := c.selected(name, selecting)
		found, searchErr := searching.Wait()
		if unread == nil {
			unread = c.search(unreadCriteria)
		}
		foundUnread, unreadErr := unread.Wait()
		if err = cmp.Or(err, searchErr, unreadErr, fetchErr); err != nil {
			return err
		}
		for set := range slices.Chunk(more, maxRanges) {
			fetched, err := collect(c.Fetch(set, &imap.FetchOptions{UID: true, Flags: true}))
			if err != nil {
				return err
			}
			changed = append(changed, fetched...)
		}
		c.wrote() // other connections have not seen what came
		all, unseen := spine(found.All), spine(foundUnread.All)
		if max(all.Len(), unseen.Len()) > maxMessages {
			return errTooMany
		}
		out = &upstream.Snapshot{
			Status: upstream.Status{
				UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext),
				HighestModSeq: data.HighestModSeq, Messages: data.NumMessages,
			},
			UIDs:        all,
			Unread:      unseen,
			NewKeywords: slices.Contains(data.PermanentFlags, imap.FlagWildcard),
		}
		if data.UIDValidity != known.UIDValidity {
			return nil // what changed is about other messages
		}
		for _, m := range changed {
			if m.UID != 0 {
				out.Changed = append(out.Changed, keywordsOf(uint32(m.UID), m.Flags))
			}
		}
		return nil
	})
	return out, err
}

// search asks for UIDs: as ranges where the server can (RFC 4731).
func (c *conn) search(criteria *imap.SearchCriteria) *imapclient.SearchCommand {
	var options *imap.SearchOptions
	if c.caps.Has(imap.CapESearch) {
		options = &imap.SearchOptions{ReturnAll: true}
	}
	return c.UIDSearch(criteria, options)
}

// spine makes our set of the library's.
func spine(all imap.NumSet) upstream.UIDSet {
	set, ok := all.(imap.UIDSet)
	if !ok {
		return upstream.UIDSet{}
	}
	ranges := slices.Clone(set)
	for i, r := range ranges {
		if r.Start > r.Stop && r.Stop != 0 {
			ranges[i].Start, ranges[i].Stop = r.Stop, r.Start
		}
	}
	slices.SortFunc(ranges, func(a, b imap.UIDRange) int { return int(int64(a.Start) - int64(b.Start)) })
	var b upstream.UIDSetBuilder
	for _, r := range ranges {
		b.AddRange(uint32(r.Start), uint32(r.Stop))
	}
	return b.Set()
}
