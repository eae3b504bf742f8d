package imapstore

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Search has the server search (RFC 9051 §6.4.4). It knows no times, just days, in its own
// time zone: what was received on the days of after and before may match too much, and
// words match as the server thinks they do.
func (s *Store) Search(ctx context.Context, mb upstream.MailboxRef, filter *jmap.EmailFilter, from uint32) (upstream.UIDSet, error) {
	criteria, err := criteriaOf(filter)
	if err != nil {
		return upstream.UIDSet{}, err
	}
	if from > 1 { // not from:*, which the last message matches always (RFC 9051 §9)
		var uids imap.UIDSet
		uids.AddRange(imap.UID(from), math.MaxUint32)
		criteria.UID = append(criteria.UID, uids)
	}
	var out upstream.UIDSet
	err = s.in(ctx, mb, func(c *conn) error {
		if err := c.refresh(nil); err != nil {
			return err
		}
		cmd := c.search(criteria)
		if err := cmd.Do(); err != nil {
			return notSearched(err)
		}
		if out = spine(cmd.Found); out.Len() > maxMessages {
			return errTooMany
		}
		return nil
	})
	return out, err
}

// notSearched: a server that does not know the charset cannot search for such words.
func notSearched(err error) error {
	e := new(imap.Error)
	if errors.As(err, &e) && e.Type == imap.StatusResponseTypeNo && e.Code == imap.ResponseCodeBadCharset || errors.Is(err, imapwire.ErrCannotSay) {
		return errors.Join(upstream.ErrUnsupported, err)
	}
	return err
}

// sortKeys is what the server can sort by (RFC 5256), in JMAP's words.
var sortKeys = map[string]string{
	"receivedAt": "ARRIVAL",
	"sentAt":     "DATE",
	"size":       "SIZE",
	"from":       "FROM",
	"to":         "TO",
	"subject":    "SUBJECT",
}

// displayKeys sort by the name that is shown (RFC 5957).
var displayKeys = map[string]string{"FROM": "DISPLAYFROM", "TO": "DISPLAYTO"}

// Sort has the server sort, where it can.
func (s *Store) Sort(ctx context.Context, mb upstream.MailboxRef, filter *jmap.EmailFilter, sort []jmap.Comparator) ([]uint32, error) {
	criteria, err := criteriaOf(filter)
	if err != nil {
		return nil, err
	}
	for _, by := range sort {
		if _, ok := sortKeys[by.Property]; !ok {
			return nil, upstream.ErrUnsupported
		}
	}
	var out []uint32
	err = s.in(ctx, mb, func(c *conn) error {
		if !c.can(imap.CapSort) {
			return upstream.ErrUnsupported
		}
		if err := c.refresh(nil); err != nil {
			return err
		}
		keys := make([]imapwire.SortKey, len(sort))
		for i, by := range sort {
			name := sortKeys[by.Property]
			if shown, ok := displayKeys[name]; ok && c.can(imap.CapSortDisplay) {
				name = shown
			}
			keys[i] = imapwire.SortKey{Name: name, Reverse: !by.Ascending()}
		}
		cmd := c.Sort(keys, criteria)
		if err := cmd.Do(); err != nil {
			return notSearched(err)
		}
		out = cmd.UIDs
		return nil
	})
	return out, err
}

// criteriaOf turns a filter into search criteria (RFC 9051 §6.4.4). Messages
// flagged \Deleted never match.
func criteriaOf(filter *jmap.EmailFilter) (*imap.SearchCriteria, error) {
	out := &imap.SearchCriteria{}
	if filter != nil {
		if err := addFilter(out, filter); err != nil {
			return nil, err
		}
	}
	out.NotFlag = append(out.NotFlag, imap.FlagDeleted)
	return out, nil
}

func addFilter(out *imap.SearchCriteria, f *jmap.EmailFilter) error {
	switch f.Operator {
	case "":
		return addCondition(out, f)
	case "AND":
		for i := range f.Conditions {
			if err := addFilter(out, &f.Conditions[i]); err != nil {
				return err
			}
		}
		return nil
	}
	all := make([]imap.SearchCriteria, len(f.Conditions))
	for i := range f.Conditions {
		if err := addFilter(&all[i], &f.Conditions[i]); err != nil {
			return err
		}
	}
	switch {
	case f.Operator == "NOT":
		out.Not = append(out.Not, all...)
	case f.Operator != "OR":
		return upstream.ErrUnsupported
	case len(all) == 0:
		out.Not = append(out.Not, imap.SearchCriteria{}) // one of nothing: none
	case len(all) == 1:
		out.And(&all[0])
	default:
		either := all[0]
		for _, other := range all[1:] {
			either = imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{either, other}}}
		}
		out.And(&either)
	}
	return nil
}

func addCondition(out *imap.SearchCriteria, f *jmap.EmailFilter) error {
	if f.AllInThreadHaveKeyword != "" || f.SomeInThreadHaveKeyword != "" || f.NoneInThreadHaveKeyword != "" || f.HasAttachment != nil {
		return upstream.ErrUnsupported
	}
	for key, value := range map[string]string{"From": f.From, "To": f.To, "Cc": f.Cc, "Bcc": f.Bcc, "Subject": f.Subject} {
		if value != "" {
			out.Header = append(out.Header, imap.SearchCriteriaHeaderField{Key: key, Value: value})
		}
	}
	if len(f.Header) > 0 {
		h := imap.SearchCriteriaHeaderField{Key: f.Header[0]}
		if len(f.Header) > 1 {
			h.Value = f.Header[1]
		}
		out.Header = append(out.Header, h)
	}
	if f.Text != "" {
		out.Text = append(out.Text, f.Text)
	}
	if f.Body != "" {
		out.Body = append(out.Body, f.Body)
	}
	if f.HasKeyword != "" {
		flags := flagsOf([]string{f.HasKeyword})
		if len(flags) == 0 {
			out.Not = append(out.Not, imap.SearchCriteria{}) // no message has what is no keyword
		}
		out.Flag = append(out.Flag, flags...)
	}
	if f.NotKeyword != "" {
		out.NotFlag = append(out.NotFlag, flagsOf([]string{f.NotKeyword})...)
	}
	// The server compares days: what a day includes too much is the cost of it.
	if !f.After.IsZero() {
		out.Since = f.After
	}
	if !f.Before.IsZero() {
		out.Before = f.Before.Add(24*time.Hour - time.Nanosecond)
	}
	if f.MinSize > 0 {
		out.Larger = f.MinSize - 1
	}
	if f.MaxSize > 0 {
		out.Smaller = f.MaxSize
	}
	return nil
}
