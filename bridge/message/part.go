// Package message turns Internet messages (RFC 5322, MIME) into the words of
// jmap.Email and back. It is the one parser the bridge has: list, reader,
// reply, search and download must never disagree about a message.
//
// It never fails on a message, however broken: what cannot be understood is
// kept raw or left out. Limits (depth, parts, header octets) bound the work, and
// all of it is linear in the size of the input.
//
// November 2026: what is packed otherwise than by MIME, winmail.dat and uuencode, is no
// part of the tree, which stays what mail servers see; Extract finds it in the octets of
// a part, and Inside names it, for blobs.
package message

import (
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Part is one node of a message's MIME tree, as an IMAP server's BODYSTRUCTURE
// gives it or as Parse finds it.
type Part struct {
	// Section is the IMAP section number, "1", "2.1"; that of a message which is
	// not multipart is "1". A multipart has that of its place, the outermost "".
	Section     string
	Type        string            // lower case, without parameters
	Params      map[string]string // keys in lower case, values decoded
	Name        string            // file name, decoded; from Content-Disposition, else Content-Type
	Disposition string            // lower case: "inline", "attachment" or ""
	CID         string            // without angle brackets
	Language    []string
	Location    string
	Encoding    string // transfer encoding in lower case; "" means 7bit
	Size        int64  // octets as they lie in the message, transfer encoding included
	Parts       []*Part

	// Offset is where the part's body begins in the message, and HeaderOffset
	// where its header does; set by Parse only.
	HeaderOffset, Offset int64
}

// Envelope is the part of a message's header that lists and threads need.
type Envelope struct {
	Subject    string
	HasSubject bool      // there is a Subject field, if an empty one
	SentAt     time.Time // zero when the Date field is missing or unreadable
	MessageID  []string
	InReplyTo  []string
	References []string
	From       []jmap.EmailAddress // this and the next: nil without the field, not nil where it is empty
	Sender     []jmap.EmailAddress
	ReplyTo    []jmap.EmailAddress
	To         []jmap.EmailAddress
	Cc         []jmap.EmailAddress
	Bcc        []jmap.EmailAddress
}
