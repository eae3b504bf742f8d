package upstream

import (
	"context"
	"io"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Store is one account's mail as its server keeps it. All methods may be called
// from any goroutine, give up when ctx is done, and return *Error when the
// server or the way to it is at fault. Where a method names a MailboxRef and the
// server's UIDVALIDITY has changed, the error is ErrUIDValidity and nothing was
// done: a UID never means another message.
type Store interface {
	// Mailboxes lists every mailbox, INBOX first, in the server's order. It does not
	// wait for counts: that can take seconds. One round trip.
	Mailboxes(ctx context.Context) ([]Mailbox, error)

	// Statuses counts every mailbox, by name: one round trip where the server has
	// LIST-STATUS (RFC 5819), else one STATUS each, pipelined.
	Statuses(ctx context.Context) (map[string]Status, error)

	// Status counts one mailbox. One round trip.
	Status(ctx context.Context, name string) (Status, error)

	// CreateMailbox makes a mailbox, with the special use role where the server
	// can keep it ("" for none), and subscribes to it.
	CreateMailbox(ctx context.Context, name, role string) error

	// RenameMailbox gives a mailbox, and all below it, another name. UIDs stay.
	RenameMailbox(ctx context.Context, name, to string) error

	// DeleteMailbox removes a mailbox and the messages in it, and unsubscribes. What
	// lies below it stays.
	DeleteMailbox(ctx context.Context, name string) error

	// Subscribe subscribes to a mailbox, or no longer.
	Subscribe(ctx context.Context, name string, on bool) error

	// Sync reads which messages a mailbox has, and what changed in it since
	// known. The zero Known reads it afresh. One or two round trips, whatever the
	// size of the mailbox. Messages flagged \Deleted are not there.
	Sync(ctx context.Context, name string, known Known) (*Snapshot, error)

	// Rows reads what a list shows of these messages, in one round trip. UIDs that
	// no longer exist are left out. The order is not that of uids.
	Rows(ctx context.Context, mb MailboxRef, uids []uint32) ([]Row, error)

	// Index reads what threads and the order of messages are made of, newest first and
	// piece by piece: take is called for each piece, and its error ends the reading. The
	// memory it needs does not grow with uids. UIDs that no longer exist are left out.
	Index(ctx context.Context, mb MailboxRef, uids UIDSet, take func([]Fact) error) error

	// Read reads sections of one message, in one round trip, without marking it
	// seen. A UID that no longer exists is ErrGone.
	Read(ctx context.Context, mb MailboxRef, uid uint32, sections []Section) ([][]byte, error)

	// Search gives the messages of a mailbox that match, of those with UIDs from the
	// given one on (0: all); in one round trip. A
	// filter the server cannot answer is ErrUnsupported. InMailbox and
	// InMailboxOtherThan are not looked at: the caller has dealt with them.
	Search(ctx context.Context, mb MailboxRef, filter *jmap.EmailFilter, from uint32) (UIDSet, error)

	// Sort gives the UIDs of the messages that match filter (nil: all) in the given
	// order, or ErrUnsupported.
	Sort(ctx context.Context, mb MailboxRef, filter *jmap.EmailFilter, sort []jmap.Comparator) ([]uint32, error)

	// SetKeywords adds and removes keywords, and gives the keywords each message
	// has afterwards where the server said so. Gone messages are no error.
	SetKeywords(ctx context.Context, mb MailboxRef, uids []uint32, add, remove []string) ([]Keywords, error)

	// Move moves messages to another mailbox. Moved tells where they went, by old
	// UID, where the server knows (UIDPLUS); messages that were gone are not in it.
	// Without MOVE it copies first and removes only what was copied.
	Move(ctx context.Context, mb MailboxRef, uids []uint32, to string) (Moved, error)

	// Copy copies messages to another mailbox.
	Copy(ctx context.Context, mb MailboxRef, uids []uint32, to string) (Moved, error)

	// Expunge removes these messages for good, and no others.
	Expunge(ctx context.Context, mb MailboxRef, uids []uint32) error

	// Append files a message. The answer's UID is 0 when the server does not tell.
	Append(ctx context.Context, to string, msg NewMessage) (MailboxRef, uint32, error)

	// Quotas is what the account may keep (RFC 9208), or ErrUnsupported.
	Quotas(ctx context.Context) ([]Quota, error)

	// Watch tells what changes on the server, as it does, until ctx is done, when
	// the channel is closed. It keeps one connection and renews it with backoff.
	// To be called once.
	Watch(ctx context.Context) <-chan Event

	// Close ends all connections.
	Close() error
}

// Mailbox is one mailbox as the server lists it.
type Mailbox struct {
	Name       string // UTF-8, with its parents, e.g. "Travel/Lisbon"
	Delimiter  string // between levels of Name; "" when flat
	Role       string // one of jmap.Role…, or ""
	Selectable bool   // false: it only holds other mailboxes
	Subscribed bool
	ObjectID   string // RFC 8474 MAILBOXID; "" where the server has none
}

// Status is a mailbox's numbers. A server that does not tell one leaves it 0.
type Status struct {
	UIDValidity   uint32
	UIDNext       uint32
	HighestModSeq uint64
	Messages      uint32
	Unseen        uint32
}

// MailboxRef is a mailbox at a time when its UIDs meant what we know.
type MailboxRef struct {
	Name        string
	UIDValidity uint32
}

// Known is what the caller already has of a mailbox.
type Known struct {
	UIDValidity   uint32
	HighestModSeq uint64
	UIDs          UIDSet
	// Watched are the messages whose keywords the caller has shown somebody: a
	// server without CONDSTORE is asked for the keywords of these.
	Watched []uint32
}

// Snapshot is a mailbox at one moment.
type Snapshot struct {
	Status
	UIDs   UIDSet
	Unread UIDSet // those of UIDs without \Seen and \Draft
	// Changed are messages whose keywords changed since Known, or may have.
	Changed []Keywords
	// NewKeywords: the server keeps keywords it has not seen before
	// (PERMANENTFLAGS has \*).
	NewKeywords bool
	ReadOnly    bool
}

// Keywords is the keywords of one message, in JMAP's words.
type Keywords struct {
	UID  uint32
	Set  map[string]bool
	Gone bool // flagged \Deleted meanwhile: does not exist for JMAP
}

// Row is what a list shows of one message.
type Row struct {
	UID        uint32
	Keywords   map[string]bool
	ReceivedAt time.Time // INTERNALDATE, UTC
	Size       int64     // octets
	Envelope   message.Envelope
	Root       *message.Part // the MIME tree
	Preview    string        // at most 256 characters; "" where there is no text
	// ThreadID and ObjectID are the server's own (THREADID, X-GM-THIRD; EMAILID,
	// X-GM-MSGID), "" where it has none.
	ThreadID, ObjectID string
}

// Fact is what threads and order are made of, for one message.
type Fact struct {
	UID        uint32
	ReceivedAt time.Time // INTERNALDATE
	// MessageID, InReplyTo and References are as in message.Envelope.
	MessageID, InReplyTo, References []string
	// ThreadID and ObjectID are as in Row. ObjectID may also be one that copies of a
	// message share (Dovecot's X-GUID).
	ThreadID, ObjectID string
}

// Quota is one limit of an account (RFC 9208 §3).
type Quota struct {
	Root     string // what it is for; "" for all of the account
	Resource string // "STORAGE", "MESSAGE" or "MAILBOX"
	Used     int64  // octets for STORAGE, else a number
	Limit    int64
}

// Section is a piece of a message: Path "" is all of it, "HEADER" its header, "1.2" a
// part's body as it lies there, "1.2.MIME" a part's header, "2.HEADER" that of an
// attached message. From Offset, at most Length octets (0: to the end).
type Section struct {
	Path           string
	Offset, Length int64
}

// NewMessage is a message to be filed. Body gives exactly Size octets with CRLF
// line ends.
type NewMessage struct {
	Body       io.Reader
	Size       int64
	Keywords   map[string]bool
	ReceivedAt time.Time // zero: now
}

// Moved says where messages went.
type Moved struct {
	UIDValidity uint32            // of the mailbox they went to; 0: the server did not tell
	UIDs        map[uint32]uint32 // old to new
	// Gone is the old UIDs that are no longer in the mailbox they came from.
	Gone []uint32
}

// Event is one thing the server told, or one the way to it did.
type Event struct {
	// Mailbox is the mailbox that changed and wants a Sync; "" when the list of
	// mailboxes may have changed.
	Mailbox string
	// Err is set when the connection was lost, and Online when it came back; then
	// Mailbox means nothing and everything wants a Sync.
	Err    error
	Online bool
	// Tasks: those of a Fetcher are different now, and Mailbox means nothing.
	Tasks bool
}
