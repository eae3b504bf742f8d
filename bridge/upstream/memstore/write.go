package memstore

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// SetKeywords adds and removes keywords.
func (s *Store) SetKeywords(ctx context.Context, mb upstream.MailboxRef, uids []uint32, add, remove []string) ([]upstream.Keywords, error) {
	var out []upstream.Keywords
	err := s.in(ctx, mb, func(a *Account, m *mailbox) error {
		for _, msg := range m.messages {
			if !slices.Contains(uids, msg.uid) {
				continue
			}
			msg.keywords = maps.Clone(msg.keywords)
			for _, k := range add {
				if k = strings.ToLower(k); isKeyword(k) {
					msg.keywords[k] = true
				}
			}
			for _, k := range remove {
				delete(msg.keywords, strings.ToLower(k))
			}
			a.touch(m, msg)
			out = append(out, upstream.Keywords{UID: msg.uid, Set: maps.Clone(msg.keywords)})
		}
		return nil
	})
	return out, err
}

// isKeyword: RFC 8621 §4.1.1.
func isKeyword(k string) bool {
	return k != "" && !strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`(){]%*"\`, r) })
}

// Move moves messages to another mailbox.
func (s *Store) Move(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.in(ctx, mb, func(a *Account, m *mailbox) error {
		target := a.find(to)
		if target == nil {
			return upstream.ErrNoMailbox
		}
		out = upstream.Moved{UIDValidity: target.validity, UIDs: map[uint32]uint32{}, Gone: slices.Clone(uids)}
		for _, msg := range m.remove(uids) {
			old := msg.uid
			out.UIDs[old] = a.put(target, msg)
		}
		a.changed(m)
		return nil
	})
	return out, err
}

// Copy copies messages to another mailbox.
func (s *Store) Copy(ctx context.Context, mb upstream.MailboxRef, uids []uint32, to string) (upstream.Moved, error) {
	var out upstream.Moved
	err := s.in(ctx, mb, func(a *Account, m *mailbox) error {
		target := a.find(to)
		if target == nil {
			return upstream.ErrNoMailbox
		}
		out = upstream.Moved{UIDValidity: target.validity, UIDs: map[uint32]uint32{}}
		for _, msg := range slices.Clone(m.messages) {
			if slices.Contains(uids, msg.uid) {
				same := *msg // the octets are never changed, nor the map of keywords
				out.UIDs[msg.uid] = a.put(target, &same)
			}
		}
		return nil
	})
	return out, err
}

// Expunge removes these messages for good.
func (s *Store) Expunge(ctx context.Context, mb upstream.MailboxRef, uids []uint32) error {
	return s.in(ctx, mb, func(a *Account, m *mailbox) error {
		if len(m.remove(uids)) > 0 {
			a.changed(m)
		}
		return nil
	})
}

// Append files a message.
func (s *Store) Append(ctx context.Context, to string, msg upstream.NewMessage) (upstream.MailboxRef, uint32, error) {
	ref := upstream.MailboxRef{Name: to}
	raw, err := io.ReadAll(io.LimitReader(msg.Body, msg.Size))
	if err == nil && int64(len(raw)) != msg.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return ref, 0, fmt.Errorf("the message to be filed could not be read: %w", err)
	}
	filed := &message{raw: raw, received: msg.ReceivedAt.UTC().Truncate(time.Second), keywords: map[string]bool{}}
	if msg.ReceivedAt.IsZero() {
		filed.received = time.Now().UTC().Truncate(time.Second)
	}
	for k, on := range msg.Keywords {
		if k = strings.ToLower(k); on && isKeyword(k) {
			filed.keywords[k] = true
		}
	}
	var uid uint32
	err = s.do(ctx, func(a *Account) error {
		m := a.find(to)
		if m == nil {
			return upstream.ErrNoMailbox
		}
		ref.UIDValidity, uid = m.validity, a.put(m, filed)
		return nil
	})
	return ref, uid, err
}
