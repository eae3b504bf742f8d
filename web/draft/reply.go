package draft

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Reply gives the headers of an answer to original: to its sender, or with all to
// everybody it went to. own are the member's addresses; they are left out unless
// nobody else remains.
func Reply(original *jmap.Email, all bool, own []string) jmap.Email {
	e := jmap.Email{
		Subject:    ReplySubject(original.Subject),
		InReplyTo:  slices.Clone(original.MessageId),
		References: references(original),
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
	if e.To = pick(to, seen); len(e.To) == 0 && !all {
		e.To = pick(to, make(map[string]bool))
	}
	if !all {
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
// the bridge takes from the original by their blobs.
func Forward(original *jmap.Email) (jmap.Email, []jmap.EmailBodyPart) {
	e := jmap.Email{Subject: ForwardSubject(original.Subject), References: references(original)}
	var parts []jmap.EmailBodyPart
	for _, p := range original.Attachments {
		if p.BlobId != "" {
			parts = append(parts, p)
		}
	}
	return e, parts
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
