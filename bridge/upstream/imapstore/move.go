package imapstore

import (
	"context"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Move moves messages (RFC 6851). Without MOVE it is COPY, then \Deleted and UID
// EXPUNGE of just what was copied; without UIDPLUS too, the messages are copied and
// flagged \Deleted, and nothing is expunged: other messages might be.
func (s *Store) Move(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.inOnce(ctx, mb, func(c *conn) error {
		return c.each(uids, func(set imap.UIDSet) error {
			defer c.wrote()
			if !c.caps.Has(imap.CapMove) {
				return c.copyAndRemove(set, to, &out)
			}
			data, err := c.Client.Move(set, to).Wait()
			if err != nil {
				return err
			}
			add(&out, moved(data.UIDValidity, data.SourceUIDs, data.DestUIDs))
			out.Gone = append(out.Gone, spine(set).All()...)
			return nil
		})
	})
	return out, err
}

func (c *conn) copyAndRemove(set imap.UIDSet, to string, out *upstream.Moved) error {
	data, err := c.Client.Copy(set, to).Wait()
	if err != nil {
		return err // nothing was removed
	}
	copied := moved(data.UIDValidity, data.SourceUIDs, data.DestUIDs)
	add(out, copied)
	if len(copied.UIDs) > 0 {
		set = uidSet(slices.Collect(maps.Keys(copied.UIDs)))
	}
	if err := c.remove(set); err != nil {
		return err
	}
	out.Gone = append(out.Gone, spine(set).All()...)
	return nil
}

// add adds what one command moved to what others did.
func add(all *upstream.Moved, m upstream.Moved) {
	if len(m.UIDs) == 0 {
		return
	}
	if all.UIDs == nil {
		all.UIDs = map[uint32]uint32{}
	}
	all.UIDValidity = m.UIDValidity
	maps.Copy(all.UIDs, m.UIDs)
}

// remove takes messages away: flagged \Deleted they do not exist for us, and where
// the server can expunge just them it does (RFC 4315).
func (c *conn) remove(set imap.UIDSet) error {
	flag := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := c.Store(set, flag, nil).Close(); err != nil {
		return err
	}
	if !c.caps.Has(imap.CapUIDPlus) {
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
	err := s.inOnce(ctx, mb, func(c *conn) error {
		return c.each(uids, func(set imap.UIDSet) error {
			data, err := c.Client.Copy(set, to).Wait()
			if err == nil {
				c.wrote()
				add(&out, moved(data.UIDValidity, data.SourceUIDs, data.DestUIDs))
			}
			return err
		})
	})
	return out, err
}

// Expunge removes these messages for good.
func (s *Store) Expunge(ctx context.Context, mb upstream.MailboxRef, uids []uint32) error {
	return s.in(ctx, mb, func(c *conn) error {
		defer c.wrote()
		return c.each(uids, c.remove)
	})
}
