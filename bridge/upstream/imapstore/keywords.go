package imapstore

import (
	"context"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// systemFlags are the flags that have a JMAP keyword of their own (RFC 8621
// §4.1.1).
var systemFlags = map[imap.Flag]string{
	imap.FlagSeen:     jmap.KeywordSeen,
	imap.FlagFlagged:  jmap.KeywordFlagged,
	imap.FlagAnswered: jmap.KeywordAnswered,
	imap.FlagDraft:    jmap.KeywordDraft,
}

// keywordsOf turns flags into keywords. Flags that JMAP has no word for, such as
// \Recent, are left out; \Deleted makes the message gone.
func keywordsOf(uid uint32, flags []imap.Flag) upstream.Keywords {
	out := upstream.Keywords{UID: uid, Set: map[string]bool{}}
	for _, f := range flags {
		name := strings.ToLower(string(f))
		if name == strings.ToLower(string(imap.FlagDeleted)) {
			out.Gone = true
		}
		if !strings.HasPrefix(name, `\`) {
			out.Set[name] = true
			continue
		}
		for flag, keyword := range systemFlags {
			if strings.EqualFold(string(f), string(flag)) {
				out.Set[keyword] = true
			}
		}
	}
	return out
}

// flagsOf turns keywords into flags. What is no atom is left out: the caller has
// checked it, and nothing else may reach the wire.
func flagsOf(keywords []string) []imap.Flag {
	var out []imap.Flag
	for _, k := range keywords {
		flag, system := imap.Flag(k), false
		for f, keyword := range systemFlags {
			if strings.EqualFold(k, keyword) {
				flag, system = f, true
			}
		}
		if system || isAtom(k) {
			out = append(out, flag)
		}
	}
	slices.Sort(out)
	return out
}

// isAtom: RFC 9051 §9, flag-keyword.
func isAtom(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`(){%*"\]`, r)
	})
}

// SetKeywords adds and removes keywords: the commands are sent at once, one round
// trip.
func (s *Store) SetKeywords(ctx context.Context, mb upstream.MailboxRef, uids []uint32, add, remove []string) ([]upstream.Keywords, error) {
	err := s.in(ctx, mb, func(c *conn) error {
		return c.each(uids, func(set imap.UIDSet) error { return c.setFlags(set, flagsOf(add), flagsOf(remove)) })
	})
	return nil, err
}

func (c *conn) setFlags(set imap.UIDSet, add, remove []imap.Flag) error {
	var commands []*imapclient.FetchCommand
	for _, change := range []struct {
		op    imap.StoreFlagsOp
		flags []imap.Flag
	}{{imap.StoreFlagsAdd, add}, {imap.StoreFlagsDel, remove}} {
		if len(change.flags) > 0 {
			commands = append(commands, c.Store(set, &imap.StoreFlags{Op: change.op, Silent: true, Flags: change.flags}, nil))
		}
	}
	var err error
	for _, cmd := range commands {
		if cmdErr := cmd.Close(); err == nil {
			err = cmdErr
		}
	}
	if err == nil {
		c.wrote()
	}
	return err
}
