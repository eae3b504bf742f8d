package imapstore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

// maxMessages is more than any mailbox has: a server that speaks in ranges can claim
// four billion in a few octets, and somebody would list them.
const maxMessages = 20_000_000

var (
	allCriteria     = &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}
	unreadCriteria  = &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft}}
	deletedCriteria = &imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}}
)

var errTooMany = errors.New("more messages than a mailbox can have")

// Sync selects the mailbox, asks which messages it has, which are unread, and which
// changed: commands sent at once, one round trip.
//
// With QRESYNC (RFC 7162) the server tells what came and went since the caller last
// looked; the numbers must then agree, or all is asked for. With CONDSTORE it tells which
// keywords changed, and we compare the UIDs. Else the keywords of what was shown are read
// again.
func (s *Store) Sync(ctx context.Context, name string, known upstream.Known) (*upstream.Snapshot, error) {
	var out *upstream.Snapshot
	err := s.lend(ctx, loan{mailbox: name, again: true}, func(c *conn) error {
		y := &syncing{c: c, name: name, known: known, changed: map[uint32]upstream.Keywords{}}
		var err error
		if known.HighestModSeq > 0 && known.UIDValidity > 0 && c.can(imap.CapQResync) {
			err = y.resync()
		} else {
			err = y.compare()
		}
		if err != nil {
			return err
		}
		c.wrote() // other connections have not seen what came
		out, err = y.snapshot()
		return err
	})
	return out, err
}

// syncing is a Sync at work.
type syncing struct {
	c     *conn
	name  string
	known upstream.Known

	box     *imapwire.Selected
	all     upstream.UIDSet
	unread  upstream.UIDSet
	changed map[uint32]upstream.Keywords
}

// change takes the keywords of a message.
func (y *syncing) change(m *imapwire.Message) error {
	if m.UID == 0 || m.Flags == nil {
		return nil
	}
	if len(y.changed) > maxMessages/10 {
		return errTooMany
	}
	uid := uint32(m.UID)
	y.changed[uid] = keywordsOf(uid, m.Flags)
	return nil
}

// resync asks what came and went (RFC 7162 §3.2.5.1).
func (y *syncing) resync() error {
	c := y.c
	var gone imap.UIDSet
	selecting, err := c.startSelect(y.name, imapwire.SelectOptions{
		UIDValidity: y.known.UIDValidity, ModSeq: y.known.HighestModSeq,
		Changed:  y.change,
		Vanished: func(set imap.UIDSet) { gone = append(gone, set...) },
	})
	if err != nil {
		return err
	}
	unread, deleted := c.search(unreadCriteria), c.search(deletedCriteria)
	if err := y.find(selecting, unread, deleted); err != nil {
		return err
	}
	box := y.box
	y.unread = spine(unread.Found)
	if box.UIDValidity == y.known.UIDValidity {
		var came []uint32
		for uid, k := range y.changed {
			if !k.Gone {
				came = append(came, uid)
			}
		}
		hidden := spine(deleted.Found)
		y.all = y.known.UIDs.Minus(spine(gone)).With(came...).Minus(hidden)
		if y.all.Len()+hidden.Len() == int(box.Messages) {
			return nil
		}
	}
	all := c.search(allCriteria)
	err = all.Do()
	y.all = spine(all.Found)
	return err
}

// find has two searches answered, and the SELECT before them. They are sent at once where
// their answers can be told apart: Dovecot 2.3 answers two at a time.
func (y *syncing) find(selecting *imapwire.SelectCommand, one, two *imapwire.SearchCommand) error {
	together := y.c.can(imap.CapESearch)
	if err := one.Send(); err != nil {
		return err
	}
	if together {
		if err := two.Send(); err != nil {
			return err
		}
	}
	box, err := y.c.selected(y.name, selecting)
	if err = cmp.Or(err, one.Wait()); err != nil {
		return err
	}
	y.box = box
	if together {
		return two.Wait()
	}
	return two.Do()
}

// compare asks for all UIDs, and for what changed as well as the server can tell.
func (y *syncing) compare() error {
	c := y.c
	condstore := c.can(imap.CapCondStore)
	selecting, err := c.startSelect(y.name, imapwire.SelectOptions{CondStore: condstore})
	if err != nil {
		return err
	}
	var sets []imap.UIDSet
	since := uint64(0)
	switch {
	case condstore && y.known.HighestModSeq > 0:
		sets, since = []imap.UIDSet{{{Start: 1, Stop: 0}}}, y.known.HighestModSeq
	case (!condstore || y.known.HighestModSeq == 0) && len(y.known.Watched) > 0:
		sets = slices.Collect(slices.Chunk(uidSet(y.known.Watched), maxRanges))
	}
	var first *imapwire.Command
	if len(sets) > 0 {
		first = y.flags(sets[0], since)
		if err := first.Send(); err != nil {
			return err
		}
	}
	all, unread := c.search(allCriteria), c.search(unreadCriteria)
	if err := y.find(selecting, all, unread); err != nil {
		return err
	}
	y.all, y.unread = spine(all.Found), spine(unread.Found)
	if first == nil {
		return nil
	}
	if err := first.Wait(); err != nil {
		return err
	}
	for _, set := range sets[1:] {
		if err := y.flags(set, 0).Do(); err != nil {
			return err
		}
	}
	return nil
}

func (y *syncing) flags(set imap.UIDSet, since uint64) *imapwire.Command {
	return y.c.Fetch(set, imapwire.Items{Flags: true, ChangedSince: since}, y.change)
}

func (y *syncing) snapshot() (*upstream.Snapshot, error) {
	if max(y.all.Len(), y.unread.Len()) > maxMessages {
		return nil, errTooMany
	}
	out := &upstream.Snapshot{
		Status: upstream.Status{
			UIDValidity: y.box.UIDValidity, UIDNext: y.box.UIDNext,
			HighestModSeq: y.box.HighestModSeq, Messages: y.box.Messages,
		},
		UIDs:        y.all,
		Unread:      y.unread.Minus(y.unread.Minus(y.all)), // what came meanwhile is not in both
		NewKeywords: y.box.Permanent == nil || slices.Contains(y.box.Permanent, imap.FlagWildcard),
		ReadOnly:    y.box.ReadOnly,
	}
	if y.box.UIDValidity == y.known.UIDValidity { // else what changed is about other messages
		for _, k := range y.changed {
			out.Changed = append(out.Changed, k)
		}
		slices.SortFunc(out.Changed, func(a, b upstream.Keywords) int { return cmp.Compare(a.UID, b.UID) })
	}
	return out, nil
}

// search asks for UIDs: as ranges where the server can (RFC 4731).
func (c *conn) search(criteria *imap.SearchCriteria) *imapwire.SearchCommand {
	return c.Search(criteria, c.can(imap.CapESearch))
}
