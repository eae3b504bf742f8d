package imapstore

import (
	"context"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/upstream"

	"github.com/emersion/go-imap/v2"
)

// Move moves messages (RFC 6851). Without MOVE it is COPY, then \Deleted and UID
// EXPUNGE of just what was copied; without UIDPLUS too, the messages are copied and
// flagged \Deleted, and nothing is expunged: other messages might be.
func (s *Store) Move(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.in(ctx, mb, func(c *conn) error {
		seen := c.see(uids)
		if err := finish(seen); err != nil {
			return err
		}
		if !c.caps.Has(imap.CapMove) && !c.caps.Has(imap.CapIMAP4rev2) {
			return c.copyAndRemove(uids, to, &out)
		}
		data, err := c.Client.Move(uidSet(uids), to).Wait()
		if err != nil {
			return err
		}
		out = moved(data.UIDValidity, data.SourceUIDs, data.DestUIDs)
		out.Gone = uids
		return nil
	})
	return out, err
}

func (c *conn) copyAndRemove(uids []uint32, to string, out *upstream.Moved) error {
	data, err := c.Client.Copy(uidSet(uids), to).Wait()
	if err != nil {
		return err // nothing was removed
	}
	*out = moved(data.UIDValidity, data.SourceUIDs, data.DestUIDs)
	copied := uids
	if len(out.UIDs) > 0 {
		copied = slices.DeleteFunc(slices.Clone(uids), func(uid uint32) bool { _, ok := out.UIDs[uid]; return !ok })
	}
	if err := c.remove(copied); err != nil {
		return err
	}
	out.Gone = copied
	return nil
}

// remove takes messages away: flagged \Deleted they do not exist for us, and where
// the server can expunge just them it does (RFC 4315).
func (c *conn) remove(uids []uint32) error {
	set := uidSet(uids)
	flag := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := c.Store(set, flag, nil).Close(); err != nil {
		return err
	}
	if !c.caps.Has(imap.CapUIDPlus) && !c.caps.Has(imap.CapIMAP4rev2) {
		return nil
	}
	return c.UIDExpunge(set).Close()
}

// moved reads a COPYUID code: two sets whose members belong together in order.
func moved(validity uint32, from, to imap.NumSet) upstream.Moved {
	out := upstream.Moved{UIDValidity: validity, UIDs: map[uint32]uint32{}}
	source, ok1 := nums(from)
	dest, ok2 := nums(to)
	if !ok1 || !ok2 || len(source) != len(dest) {
		out.UIDValidity = 0
		return out
	}
	for i, uid := range source {
		out.UIDs[uint32(uid)] = uint32(dest[i])
	}
	return out
}

func nums(set imap.NumSet) ([]imap.UID, bool) {
	uids, ok := set.(imap.UIDSet)
	if !ok {
		return nil, false
	}
	return uids.Nums()
}

// Copy copies messages.
func (s *Store) Copy(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.in(ctx, mb, func(c *conn) error {
		if err := finish(c.see(uids)); err != nil {
			return err
		}
		data, err := c.Client.Copy(uidSet(uids), to).Wait()
		if err == nil {
			out = moved(data.UIDValidity, data.SourceUIDs, data.DestUIDs)
		}
		return err
	})
	return out, err
}

// Expunge removes these messages for good.
func (s *Store) Expunge(ctx context.Context, mb upstream.MailboxRef, uids []uint32) error {
	return s.in(ctx, mb, func(c *conn) error {
		if err := finish(c.see(uids)); err != nil {
			return err
		}
		return c.remove(uids)
	})
}
