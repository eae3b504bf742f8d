package imapstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
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
		there, err := c.read(uid, items, out)
		if err == nil && there && allEmpty(out) {
			// Dovecot 2.3 gives nothing of a message that another session has removed and
			// this one still shows.
			if err = c.settle(); err == nil {
				there, err = c.read(uid, items, out)
			}
		}
		if err == nil && !there {
			return upstream.ErrGone
		}
		return err
	})
	return out, err
}

// read fills out with sections of a message; there says whether it exists.
func (c *conn) read(uid uint32, items []*imap.FetchItemBodySection, out [][]byte) (there bool, err error) {
	ask := imapwire.Items{Flags: true, Sections: items}
	err = c.fetch([]uint32{uid}, ask, func(m *imapwire.Message) {
		there = !keywordsOf(uid, m.Flags).Gone
		for i, item := range items {
			out[i] = m.Take(item)
		}
	})
	return there, err
}

func allEmpty(sections [][]byte) bool {
	return !slices.ContainsFunc(sections, func(s []byte) bool { return len(s) > 0 })
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
	for word := range strings.SplitSeq(path, ".") {
		n, err := strconv.ParseUint(word, 10, 31)
		if err != nil || n == 0 {
			return nil, errSection
		}
		item.Part = append(item.Part, int(n))
	}
	return item, nil
}
