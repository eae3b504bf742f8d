package imapwire

import (
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// maxFlags of a message or mailbox are kept.
const maxFlags = 1000

// flags reads a list of flags.
func (r *reader) flags() ([]imap.Flag, error) {
	out := []imap.Flag{}
	err := r.each(func() error {
		word, err := r.word("()")
		if err == nil && len(out) < maxFlags {
			out = append(out, flagOf(word))
		}
		return err
	})
	return out, err
}

// flagOf makes a flag of a word; the usual ones without allocating.
func flagOf(word []byte) imap.Flag {
	switch string(word) {
	case `\Seen`:
		return imap.FlagSeen
	case `\Answered`:
		return imap.FlagAnswered
	case `\Flagged`:
		return imap.FlagFlagged
	case `\Deleted`:
		return imap.FlagDeleted
	case `\Draft`:
		return imap.FlagDraft
	case `\Recent`:
		return `\Recent`
	}
	return imap.Flag(word)
}

// uidSet reads a set as the server wrote it: ranges in its order.
func (r *reader) uidSet() (imap.UIDSet, error) {
	var set imap.UIDSet
	for {
		first, err := r.number32()
		if err != nil {
			return nil, err
		}
		last := first
		b, err := r.peek()
		if err != nil {
			return nil, err
		}
		if b == ':' {
			r.drop()
			if last, err = r.number32(); err != nil {
				return nil, err
			}
			if b, err = r.peek(); err != nil {
				return nil, err
			}
		}
		if first == 0 || last == 0 {
			return nil, violation("a UID that is zero")
		}
		set = append(set, imap.UIDRange{Start: imap.UID(min(first, last)), Stop: imap.UID(max(first, last))})
		if b != ',' {
			return set, nil
		}
		r.drop()
	}
}

// parseSet reads a set, nil when it is none.
func parseSet(s string) imap.UIDSet {
	set, err := newReader(strings.NewReader(s + "\r\n")).uidSet()
	if err != nil {
		return nil
	}
	return set
}

// grow adds a UID to a set, to its last range where it follows that.
func grow(set imap.UIDSet, uid imap.UID) imap.UIDSet {
	if n := len(set); n > 0 && set[n-1].Stop == uid-1 {
		set[n-1].Stop = uid
		return set
	}
	return append(set, imap.UIDRange{Start: uid, Stop: uid})
}

// formatSet writes a set as it stands in a command.
func formatSet(uids imap.UIDSet) string {
	var b []byte
	for i, r := range uids {
		if i > 0 {
			b = append(b, ',')
		}
		if r.Start != r.Stop {
			b = append(appendUID(b, r.Start), ':')
		}
		b = appendUID(b, r.Stop)
	}
	return string(b)
}

// appendUID: zero stands for the last there is.
func appendUID(b []byte, uid imap.UID) []byte {
	if uid == 0 {
		return append(b, '*')
	}
	return strconv.AppendUint(b, uint64(uid), 10)
}
