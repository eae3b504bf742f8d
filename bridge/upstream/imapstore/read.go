package imapstore

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"

	"github.com/emersion/go-imap/v2"
)

// Read reads sections of one message, in one FETCH, with BODY.PEEK.
func (s *Store) Read(ctx context.Context, mb upstream.MailboxRef, uid uint32, sections []upstream.Section) ([][]byte, error) {
	items := make([]*imap.FetchItemBodySection, len(sections))
	for i, sec := range sections {
		item, err := bodySection(sec)
		if err != nil {
			return nil, err
		}
		items[i] = item
	}
	out := make([][]byte, len(sections))
	err := s.in(ctx, mb, func(c *conn) error {
		seen := c.see([]uint32{uid})
		fetch := c.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{UID: true, BodySection: items})
		seenErr := finish(seen)
		found, err := fetch.Collect()
		if err = errors.Join(err, seenErr); err != nil {
			return err
		}
		there := false
		for _, m := range found {
			if m.UID != imap.UID(uid) || len(m.BodySection) == 0 {
				continue
			}
			there = true
			for i, item := range items {
				out[i] = m.FindBodySection(item)
			}
		}
		if !there {
			return upstream.ErrGone
		}
		return nil
	})
	return out, err
}

var errSection = errors.New("not a section of a message")

// bodySection reads a path of upstream.Section.
func bodySection(s upstream.Section) (*imap.FetchItemBodySection, error) {
	item := &imap.FetchItemBodySection{Peek: true}
	if s.Length > 0 {
		item.Partial = &imap.SectionPartial{Offset: s.Offset, Size: s.Length}
	} else if s.Offset > 0 {
		item.Partial = &imap.SectionPartial{Offset: s.Offset, Size: 1<<31 - 1}
	}
	path := s.Path
	for _, specifier := range []imap.PartSpecifier{imap.PartSpecifierHeader, imap.PartSpecifierMIME, imap.PartSpecifierText} {
		if rest, ok := strings.CutSuffix(path, string(specifier)); ok && (rest == "" || strings.HasSuffix(rest, ".")) {
			item.Specifier = specifier
			path = strings.TrimSuffix(rest, ".")
		}
	}
	if path == "" {
		return item, nil
	}
	for _, word := range strings.Split(path, ".") {
		n, err := strconv.ParseUint(word, 10, 31)
		if err != nil || n == 0 {
			return nil, errSection
		}
		item.Part = append(item.Part, int(n))
	}
	return item, nil
}
