package imapstore

import (
	"context"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

// Move moves messages (RFC 6851). Without MOVE it is COPY, then \Deleted and UID
// EXPUNGE of just what was copied; without UIDPLUS too, the messages are copied and
// flagged \Deleted, and nothing is expunged: other messages might be.
func (s *Store) Move(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.inOnce(ctx, mb, func(c *conn) error {
		wire, err := c.wire(to)
		if err != nil {
			return err
		}
		return c.each(uids, func(set imap.UIDSet) error {
			defer c.wrote()
			if !c.can(imap.CapMove) {
				return c.copyAndRemove(set, wire, &out)
			}
			cmd := c.Move(set, wire)
			err := cmd.Do()
			if isBad(err) { // not known after all, so nothing was done
				c.features.off(imap.CapMove, true)
				return c.copyAndRemove(set, wire, &out)
			}
			if err != nil {
				return err
			}
			add(&out, moved(cmd.Copied(), spine(set).Len()))
			out.Gone = append(out.Gone, spine(set).All()...)
			return nil
		})
	})
	return out, err
}

func (c *conn) copyAndRemove(set imap.UIDSet, wire string, out *upstream.Moved) error {
	cmd := c.Copy(set, wire)
	if err := cmd.Do(); err != nil {
		return err // nothing was removed
	}
	copied := moved(cmd.Copied(), spine(set).Len())
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
	flagging := c.Store(set, true, []imap.Flag{imap.FlagDeleted})
	if err := flagging.Do(); err != nil {
		return err
	}
	if !c.can(imap.CapUIDPlus) {
		return nil
	}
	err := c.Expunge(set).Do()
	if isBad(err) { // not known after all; they are hidden all the same
		c.features.off(imap.CapUIDPlus, true)
		return nil
	}
	return err
}

// moved reads where messages went. Not more than were asked for can have.
func moved(said imapwire.Copied, asked int) upstream.Moved {
	from, ok1 := numbers(said.From, asked)
	to, ok2 := numbers(said.To, asked)
	if !ok1 || !ok2 || len(from) != len(to) {
		return upstream.Moved{}
	}
	out := upstream.Moved{UIDValidity: said.UIDValidity, UIDs: make(map[uint32]uint32, len(from))}
	for i, uid := range from {
		out.UIDs[uid] = to[i]
	}
	return out
}

// numbers lists a set in its order; ok is false where there are more than most.
func numbers(set imap.UIDSet, most int) (out []uint32, ok bool) {
	for _, r := range set {
		if int(r.Stop-r.Start) >= most-len(out) {
			return nil, false
		}
		for uid := r.Start; ; uid++ {
			out = append(out, uint32(uid))
			if uid == r.Stop {
				break
			}
		}
	}
	return out, true
}

// Copy copies messages.
func (s *Store) Copy(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.inOnce(ctx, mb, func(c *conn) error {
		wire, err := c.wire(to)
		if err != nil {
			return err
		}
		return c.each(uids, func(set imap.UIDSet) error {
			cmd := c.Copy(set, wire)
			err := cmd.Do()
			if err == nil {
				c.wrote()
				add(&out, moved(cmd.Copied(), spine(set).Len()))
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
