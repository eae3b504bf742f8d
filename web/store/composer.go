package store

import (
	"context"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// ComposerStatus is where a message being written stands.
type ComposerStatus int

// The statuses. Only one way leads to Sent, through Sending, and only one
// Sending is ever under way for a composer.
const (
	Editing ComposerStatus = iota
	Sending
	Sent      // accepted by the bridge
	SendFail  // refused: Err says why; may be sent again
	MaybeSent // the answer was lost: Err says so; the person decides
)

// Composer is one message being written. web/action changes it; the screen reads
// it and calls action.Edit.
type Composer struct {
	Id         int
	AccountId  jmap.Id
	IdentityId jmap.Id

	// Email has the headers: To, Cc, Bcc, Subject, InReplyTo, References, MessageId.
	Email jmap.Email
	// Plain says that the body is Text; else it is HTML.
	Plain bool
	Text  string
	HTML  string
	// Editor gives what stands in the editor now, nil while there is none: typing does
	// not go through HTML.
	Editor func() string
	// Insert puts HTML where the caret is in the editor, nil while there is none.
	Insert func(html string)
	// Attachments are uploaded or on their way.
	Attachments []*Attachment

	Status    ComposerStatus
	Err       string // for people: why the last save or send did not work
	Rewritten int    // rises when Text and HTML were changed by other means than writing
	Discarded bool   // closed, and not to be saved any more
	Restored  bool   // it was taken back and wants to be seen

	Receipt bool // the readers are asked to say that they read it
	Report  bool // the servers are asked to say what becomes of it

	Later time.Time // when it is to be sent, zero: now

	Key    string   // of the copy on this device
	Marks  []string // of the latest saves: the drafts that have them are this message
	Unsure bool     // it was restored, and what the bridge has of it is not known yet

	DraftId jmap.Id // the saved draft, "" before the first save
	Saving  bool
	SavedAt time.Time // zero before the first save
	Edits   int       // number of edits made
	Saved   int       // number of edits the saved draft has

	// AnsweredIds are the emails that get AnsweredKeyword once this one is sent.
	AnsweredIds     []jmap.Id
	AnsweredKeyword string
	AnsweredIn      jmap.Id     // the account of those, "" for AccountId
	Left            []LeftDraft // drafts of this message in other accounts: they go when it is saved

	revision uint64
}

// LeftDraft is a draft in an account that a message is not sent from any more.
type LeftDraft struct{ Account, Id jmap.Id }

// Attachment is one file of a message being written.
type Attachment struct {
	Name   string
	Type   string // media type
	Size   int64
	Sent   int64   // octets uploaded so far
	BlobId jmap.Id // "" until it is uploaded
	Cid    string  // Content-Id by which the HTML may show it
	Inline bool    // it is there for the HTML to show, and goes when that no longer does
	Err    string  // for people: why the upload failed

	Source  any       // where the octets come from
	Pieces  []jmap.Id // what of it is uploaded
	Waiting bool      // for the connection
	Small   bool      // it is as small as it can be made
	Cancel  context.CancelFunc
}

// Ready reports whether the attachment is uploaded.
func (a *Attachment) Ready() bool { return a.BlobId != "" }

// Pull takes what stands in the editor into HTML.
func (c *Composer) Pull() {
	if c.Editor != nil && !c.Plain {
		c.HTML = c.Editor()
	}
}

// Dirty reports whether there are edits that are not saved.
func (c *Composer) Dirty() bool { return c.Edits != c.Saved }

// Revision rises whenever the composer changes.
func (c *Composer) Revision() uint64 { return c.revision }

// Composers are the messages being written, oldest first.
func (s *Store) Composers() []*Composer { return s.composers }

// AddComposer opens a composer and gives it its id.
func (s *Store) AddComposer(c *Composer) {
	s.nextId++
	c.Id = s.nextId
	s.composers = append(s.composers, c)
	s.ComposerChanged(c)
}

// RemoveComposer closes a composer.
func (s *Store) RemoveComposer(c *Composer) {
	s.composers = slices.DeleteFunc(s.composers, func(o *Composer) bool { return o == c })
	s.ComposerChanged(c)
}

// ComposerChanged says that fields of c were changed.
func (s *Store) ComposerChanged(c *Composer) { c.revision = s.changed(PartComposers) }
