package draft

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Whom an answer goes to.
type Whom int

// To the sender, to everybody, or to the mailing list that the message came by.
const (
	ToSender Whom = iota
	ToAll
	ToList
)

// Reply gives the headers of an answer to original. own are the member's addresses; they
// are left out unless nobody else remains.
func Reply(original *jmap.Email, whom Whom, own []string) jmap.Email {
	e := jmap.Email{
		Subject:    ReplySubject(original.Subject),
		InReplyTo:  slices.Clone(original.MessageId),
		References: references(original),
	}
	if list, ok := ListAddress(original); ok && whom == ToList {
		e.To = []jmap.EmailAddress{list}
		return e
	}
	to := original.From
	if len(original.ReplyTo) > 0 {
		to = original.ReplyTo
	}
	seen := make(map[string]bool)
	for _, a := range own {
		seen[fold(a)] = true
	}
	if isOwn(original.From, own) && len(original.To) > 0 { // an answer to what oneself sent goes on to those
		to = original.To
	}
	if whom == ToAll && len(original.MailFollowupTo) > 0 { // its writer said who everybody is
		if e.To = pick(original.MailFollowupTo, seen); len(e.To) > 0 {
			return e
		}
	}
	if e.To = pick(to, seen); len(e.To) == 0 && whom != ToAll {
		e.To = pick(to, make(map[string]bool))
	}
	if whom != ToAll {
		return e
	}
	others := pick(slices.Concat(original.To, original.Cc), seen)
	switch {
	case len(e.To) > 0:
		e.Cc = others
	case len(others) > 0:
		e.To = others
	default:
		e.To = pick(to, make(map[string]bool))
	}
	return e
}

// ListAddress is where the mailing list takes messages that one came by (RFC 2369 §3.4).
func ListAddress(e *jmap.Email) (jmap.EmailAddress, bool) {
	for _, uri := range e.ListPost {
		if to, _, ok := ParseMailto(uri); ok && len(to.To) > 0 {
			return to.To[0], true
		}
	}
	return jmap.EmailAddress{}, false
}

// pick gives the addresses that were not seen yet, and notes them.
func pick(list []jmap.EmailAddress, seen map[string]bool) []jmap.EmailAddress {
	var out []jmap.EmailAddress
	for _, a := range list {
		if key := fold(a.Email); key != "" && !seen[key] {
			seen[key] = true
			out = append(out, a)
		}
	}
	return out
}

func isOwn(list []jmap.EmailAddress, own []string) bool {
	return len(list) > 0 && slices.ContainsFunc(own, func(o string) bool { return fold(o) == fold(list[0].Email) })
}

// fold makes addresses comparable. In theory the local part knows case; in
// practice no server of this century does, and people type as they like.
func fold(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// maxReferences bounds the thread's history in a header; RFC 5322 §3.6.4 wants
// the first and the last ones when it has to be cut.
const maxReferences = 30

// references: RFC 5322 §3.6.4, those of the original and its own id; where it
// has none, In-Reply-To stands in if it is a single one.
func references(original *jmap.Email) []string {
	refs := original.References
	if len(refs) == 0 && len(original.InReplyTo) == 1 {
		refs = original.InReplyTo
	}
	refs = append(slices.Clone(refs), original.MessageId...)
	if len(refs) > maxReferences {
		refs = append(refs[:1:1], refs[len(refs)-maxReferences+1:]...)
	}
	return refs
}

// Forward gives the headers of a message passed on, and its attachments, which
// the bridge takes from the original by their blobs, with the pictures that its HTML shows.
func Forward(original *jmap.Email) (jmap.Email, []jmap.EmailBodyPart) {
	e := jmap.Email{Subject: ForwardSubject(original.Subject), References: references(original)}
	var parts []jmap.EmailBodyPart
	for _, p := range original.Attachments {
		if p.BlobId != "" {
			parts = append(parts, p)
		}
	}
	for _, p := range original.HtmlBody {
		if p.BlobId != "" && p.Cid != "" && !strings.HasPrefix(p.Type, "text/") && !slices.ContainsFunc(parts, func(o jmap.EmailBodyPart) bool { return o.BlobId == p.BlobId }) {
			parts = append(parts, p)
		}
	}
	return e, parts
}

// ForwardAttached gives the headers of a message that has others attached, and those as
// files.
func ForwardAttached(originals []*jmap.Email) (jmap.Email, []jmap.EmailBodyPart) {
	e := jmap.Email{Subject: ForwardSubject(originals[0].Subject)}
	if len(originals) == 1 {
		e.References = references(originals[0])
	}
	var parts []jmap.EmailBodyPart
	for _, o := range originals {
		parts = append(parts, jmap.EmailBodyPart{BlobId: o.BlobId, Type: "message/rfc822", Name: FileName(o), Size: o.Size})
	}
	return e, parts
}

// FileName is what a message is called as a file.
func FileName(e *jmap.Email) string {
	const longest = 80
	name := []rune(e.Subject)
	for i, r := range name {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			name[i] = '_'
		}
	}
	if len(name) == 0 {
		name = []rune("message")
	}
	return string(name[:min(len(name), longest)]) + ".eml"
}

// FromIdentity gives the identity an answer should come from: the one that was
// written to, else the first.
func FromIdentity(original *jmap.Email, identities []jmap.Identity) (jmap.Identity, bool) {
	for _, a := range slices.Concat(original.To, original.Cc, original.Bcc, original.From) {
		for _, id := range identities {
			if fold(id.Email) == fold(a.Email) {
				return id, true
			}
		}
	}
	if len(identities) == 0 {
		return jmap.Identity{}, false
	}
	return identities[0], true
}
