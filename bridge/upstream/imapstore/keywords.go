package imapstore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
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
		if system || imapwire.IsAtom(k) {
			out = append(out, flag)
		}
	}
	slices.Sort(out)
	return out
}

// SetKeywords adds and removes keywords: the commands are sent at once, one round
// trip.
func (s *Store) SetKeywords(ctx context.Context, mb upstream.MailboxRef, uids []uint32, add, remove []string) ([]upstream.Keywords, error) {
	err := s.in(ctx, mb, func(c *conn) error {
		adding := flagsOf(add)
		if err := c.keeps(adding); err != nil {
			return err
		}
		return c.each(uids, func(set imap.UIDSet) error { return c.setFlags(set, adding, flagsOf(remove)) })
	})
	return nil, err
}

// keeps reports, as an error, that the selected mailbox keeps no such keywords. Of the
// system flags the server itself must say so: not all list them.
func (c *conn) keeps(flags []imap.Flag) error {
	if c.Selected == nil || c.Selected.Permanent == nil {
		return nil // RFC 9051 §7.1: all can be changed
	}
	kept := map[string]bool{}
	for _, f := range c.Selected.Permanent {
		kept[strings.ToLower(string(f))] = true
	}
	for _, f := range flags {
		name := strings.ToLower(string(f))
		if !kept[name] && !kept[`\*`] && !strings.HasPrefix(name, `\`) {
			return &upstream.Error{
				Kind: upstream.KindRefused, Server: c.server, Step: "setting keywords", Code: string(imap.ResponseCodeCannot),
				Text: "this mailbox cannot keep the keyword " + string(f),
			}
		}
	}
	return nil
}

func (c *conn) setFlags(set imap.UIDSet, add, remove []imap.Flag) error {
	var commands []*imapwire.Command
	for _, change := range []struct {
		add   bool
		flags []imap.Flag
	}{{true, add}, {false, remove}} {
		if len(change.flags) == 0 {
			continue
		}
		cmd := c.Store(set, change.add, change.flags)
		if err := cmd.Send(); err != nil {
			return err
		}
		commands = append(commands, cmd)
	}
	var err error
	for _, cmd := range commands {
		err = cmp.Or(err, cmd.Wait())
	}
	if err == nil {
		c.wrote()
	}
	return err
}
