package method

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// readEmailPatch reads a patch of keywords and mailboxIds (RFC 8620 §5.3). All else about
// an email cannot be changed, and may only be said as it is.
func readEmailPatch(c *call, id jmap.Id, row *Row, patch map[string]json.RawMessage) (emailChange, error) {
	p := &emailPatch{c: c, keywords: maps.Clone(row.Keywords), mailboxes: setOf(row.Mailboxes)}
	if p.keywords == nil {
		p.keywords = map[string]bool{}
	}
	for _, path := range slices.Sorted(maps.Keys(patch)) {
		property, rest, inner := strings.Cut(path, "/")
		_, both := patch[property]
		switch {
		case inner && both:
			return emailChange{}, invalidPatch(path + " lies within another path of the patch")
		case property != "keywords" && property != "mailboxIds":
			if inner {
				return emailChange{}, invalidPatch(path + " is nothing that can be patched")
			}
			if !isAsItIs(id, row, property, patch[path]) {
				return emailChange{}, invalid("this cannot be changed", path)
			}
			continue
		case inner && (rest == "" || strings.Contains(rest, "/")):
			return emailChange{}, invalidPatch(path + " leads nowhere")
		}
		var err error
		if inner {
			err = p.inner(property, unescapePointer(rest), patch[path])
		} else {
			err = p.whole(property, patch[path])
		}
		if err != nil {
			return emailChange{}, invalid(err.Error(), property)
		}
	}
	return p.change(row)
}

func invalidPatch(description string) *jmap.SetError {
	return &jmap.SetError{Type: jmap.SetInvalidPatch, Description: description}
}

// isAsItIs says whether a property is said to be what it is already (RFC 8620 §5.3).
func isAsItIs(id jmap.Id, row *Row, property string, raw json.RawMessage) bool {
	make := emailProperties[property]
	if make == nil {
		return false
	}
	now, err := json.Marshal(make(id, row))
	if err != nil {
		return false
	}
	var is, said any
	return json.Unmarshal(now, &is) == nil && json.Unmarshal(raw, &said) == nil && reflect.DeepEqual(is, said)
}

// emailPatch is what a patch makes of an email's sets.
type emailPatch struct {
	c         *call
	keywords  map[string]bool
	mailboxes map[jmap.Id]bool
}

// inner patches one member of a set.
func (p *emailPatch) inner(property, key string, raw json.RawMessage) error {
	if property == "mailboxIds" {
		return patchSet(p.mailboxes, p.c.real(jmap.Id(key)), raw)
	}
	if !validKeyword(key) {
		return errKeyword
	}
	return patchSet(p.keywords, strings.ToLower(key), raw)
}

// whole replaces a set.
func (p *emailPatch) whole(property string, raw json.RawMessage) (err error) {
	if property == "keywords" {
		p.keywords, err = readKeywords(raw)
		return err
	}
	var ids map[jmap.Id]bool
	if json.Unmarshal(raw, &ids) != nil {
		return errors.New("mailboxIds is a set of ids")
	}
	p.mailboxes = map[jmap.Id]bool{}
	for id, in := range ids {
		err = cmp.Or(err, onlyTrue(in))
		p.mailboxes[p.c.real(id)] = true
	}
	return err
}

// change is what has to be done to an email.
func (p *emailPatch) change(row *Row) (emailChange, error) {
	to, err := someMailboxes(p.mailboxes)
	if err != nil {
		return emailChange{}, err
	}
	var change emailChange
	if !maps.Equal(p.mailboxes, setOf(row.Mailboxes)) {
		change.to = to
	}
	for _, k := range slices.Sorted(maps.Keys(p.keywords)) {
		if !row.Keywords[k] {
			change.add = append(change.add, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(row.Keywords)) {
		if !p.keywords[k] {
			change.remove = append(change.remove, k)
		}
	}
	return change, nil
}

var (
	errOnlyTrue = errors.New("the values of a set are true, and null to remove one")
	errKeyword  = errors.New("a keyword is 1 to 255 printable characters without ( ) { ] % * \" \\")
)

func onlyTrue(in bool) error {
	if !in {
		return errOnlyTrue
	}
	return nil
}

// patchSet adds key for true and removes it for null.
func patchSet[K comparable](set map[K]bool, key K, raw json.RawMessage) error {
	switch string(raw) {
	case "true":
		set[key] = true
	case "null":
		delete(set, key)
	default:
		return errOnlyTrue
	}
	return nil
}

// readKeywords reads a set of keywords (RFC 8621 §4.1.1).
func readKeywords(raw json.RawMessage) (map[string]bool, error) {
	var given map[string]bool
	if json.Unmarshal(raw, &given) != nil {
		return nil, errors.New("keywords is a set of strings")
	}
	keywords := map[string]bool{}
	for k, in := range given {
		if !in {
			return nil, errOnlyTrue
		}
		if !validKeyword(k) {
			return nil, errKeyword
		}
		keywords[strings.ToLower(k)] = true
	}
	return keywords, nil
}

func validKeyword(k string) bool {
	// RFC 8621 §4.1.1: 1 to 255 characters of 0x21 to 0x7e without these.
	return k != "" && len(k) <= 255 && !strings.ContainsFunc(k, func(r rune) bool {
		return r < 0x21 || r > 0x7e || strings.ContainsRune(`(){]%*"\`, r)
	})
}

// MaxMailboxesPerEmail is how many mailboxes an email can be in, each being a copy on the
// mail server; advertised in the session.
const MaxMailboxesPerEmail = 20

// someMailboxes is the mailboxes of an email, in an order that is the same each time.
func someMailboxes(set map[jmap.Id]bool) ([]jmap.Id, error) {
	if len(set) == 0 {
		return nil, invalid("an email is in at least one mailbox", "mailboxIds")
	}
	if len(set) > MaxMailboxesPerEmail {
		return nil, &jmap.SetError{Type: jmap.SetTooManyMailboxes, Description: "these are more mailboxes than an email can be in"}
	}
	return slices.Sorted(maps.Keys(set)), nil
}
