package imapstore

import (
	"context"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"

	"github.com/emersion/go-imap/v2"
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
		flag := imap.Flag(k)
		for f, keyword := range systemFlags {
			if strings.EqualFold(k, keyword) {
				flag = f
			}
		}
		if !strings.HasPrefix(string(flag), `\`) && !isAtom(k) {
			continue
		}
		out = append(out, flag)
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
	var out []upstream.Keywords
	err := s.in(ctx, mb, func(c *conn) error {
		seen := c.see(uids)
		var commands []interface {
			Close() error
		}
		for _, change := range []struct {
			op    imap.StoreFlagsOp
			flags []imap.Flag
		}{{imap.StoreFlagsAdd, flagsOf(add)}, {imap.StoreFlagsDel, flagsOf(remove)}} {
			if len(change.flags) > 0 {
				commands = append(commands, c.Store(uidSet(uids), &imap.StoreFlags{Op: change.op, Silent: true, Flags: change.flags}, nil))
			}
		}
		err := finish(seen)
		for _, cmd := range commands {
			if cmdErr := cmd.Close(); err == nil {
				err = cmdErr
			}
		}
		return err
	})
	return out, err
}
