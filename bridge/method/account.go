package method

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Account is what the methods need of the account they work on: mail by JMAP
// ids, with states and changes kept. *account.Account is one. Errors are those
// of upstream, or the ones below.
type Account interface {
	ID() jmap.Id
	Address() string // the account's own
	Outbox() *outbox.Box

	// Identities is what the member sends as, the account's own address first.
	Identities(ctx context.Context) ([]jmap.Identity, error)
	// CreateIdentity keeps a new identity. It gives a *jmap.SetError where there are
	// too many; the next two ErrNotFound where there is none of that id.
	CreateIdentity(ctx context.Context, i jmap.Identity) (jmap.Id, error)
	UpdateIdentity(ctx context.Context, i jmap.Identity) error
	DestroyIdentity(ctx context.Context, id jmap.Id) error

	// VacationResponse reads the automatic reply. It and the next two give
	// upstream.ErrUnsupported where the account's servers have no such thing.
	VacationResponse(ctx context.Context) (jmap.VacationResponse, error)
	// ChangeVacationResponse has change change it. A *jmap.SetError says why it cannot be
	// as it was to be.
	ChangeVacationResponse(ctx context.Context, change func(v *jmap.VacationResponse) error) error
	// Quotas is the account's limits, at most a minute old.
	Quotas(ctx context.Context) ([]jmap.Quota, error)

	// State is the newest state of a type: "Mailbox", "Email", "EmailSubmission".
	State(typ string) jmap.State
	// Changes lists what became of a type since a state, oldest first, at most max
	// ids (0: no limit). A state it does not know is ErrUnknownState.
	Changes(ctx context.Context, typ string, since jmap.State, maxChanges int) (Changes, error)

	// Mailboxes lists the mailboxes with their counts.
	Mailboxes(ctx context.Context) ([]jmap.Mailbox, error)
	// CreateMailbox makes a mailbox. It and the next two give a *jmap.SetError where the
	// change is not possible.
	CreateMailbox(ctx context.Context, want MailboxChange) (jmap.Id, error)
	ChangeMailbox(ctx context.Context, id jmap.Id, want MailboxChange) error
	// DestroyMailbox destroys a mailbox without children; one with emails only if they
	// may be destroyed with it.
	DestroyMailbox(ctx context.Context, id jmap.Id, removeEmails bool) error
	// Spine gives which messages a mailbox has, as fresh as the watcher keeps it.
	Spine(ctx context.Context, mailbox jmap.Id) (Spine, error)
	// Rows gives what lists show of these emails; unknown ids are left out. One round
	// trip a mailbox for those not seen before.
	Rows(ctx context.Context, ids []jmap.Id) (map[jmap.Id]Row, error)
	// Threads gives the emails of threads, oldest first; unknown ids are left out.
	Threads(ctx context.Context, ids []jmap.Id) (map[jmap.Id][]jmap.Id, error)
	// Indexed waits, a few seconds at most, until threads and dates of all emails are
	// known: from a while after the first sign-in on, it does not wait.
	Indexed(ctx context.Context) error
	// IndexReady reports whether they are.
	IndexReady() bool
	// RefreshAll brings the spines of all mailboxes up to date, in one round trip where
	// nothing changed: before a query over all of them.
	RefreshAll(ctx context.Context) error
	// Read reads sections of one email in one round trip.
	Read(ctx context.Context, id jmap.Id, sections []upstream.Section) ([][]byte, error)
	// Search gives the messages of a mailbox that match, of those with UIDs from the
	// given one on (0: all).
	Search(ctx context.Context, mailbox jmap.Id, filter *jmap.EmailFilter, from uint32) (upstream.UIDSet, error)
	// Sort gives the messages of a mailbox that match, in order.
	Sort(ctx context.Context, mailbox jmap.Id, filter *jmap.EmailFilter, sort []jmap.Comparator) ([]uint32, error)
	// Memory is what queries remember.
	Memory() *Memory

	// SetKeywords adds and removes keywords of emails that share a mailbox.
	// Ids that do not exist are in notFound.
	SetKeywords(ctx context.Context, ids []jmap.Id, add, remove []string) (notFound []jmap.Id, err error)
	// Refile puts emails that share their mailboxes into exactly these; their ids stay. A
	// mailbox that is not there, or more than the server can do, is a *jmap.SetError.
	Refile(ctx context.Context, ids []jmap.Id, to []jmap.Id) (notFound []jmap.Id, err error)
	// Destroy removes emails for good.
	Destroy(ctx context.Context, ids []jmap.Id) (notFound []jmap.Id, err error)
	// Append files a message in a mailbox.
	Append(ctx context.Context, mailbox jmap.Id, msg upstream.NewMessage) (jmap.Id, error)

	// Settings is what the member's app keeps here.
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
	// ChangeSettings replaces the settings by what change makes of them; its error leaves
	// them as they are.
	ChangeSettings(ctx context.Context, change func(map[string]json.RawMessage) (map[string]json.RawMessage, error)) error

	// Tasks is what the account does in the background that takes long, or what keeps it
	// from doing it.
	Tasks() []upstream.Task
	// FetchNow has an account that downloads its mail look for new mail now, without
	// waiting for it; another is upstream.ErrUnsupported.
	FetchNow() error
	// CancelTask ends a task; ErrNotFound where there is none of that id.
	CancelTask(id jmap.Id) error

	// Unsubscribe sends the request that leaves a mailing list to an address of https. A
	// *RefusedError says that it arrived and was not accepted.
	Unsubscribe(ctx context.Context, address string) error

	// OpenBlob opens the octets of a message, a part or an upload.
	OpenBlob(ctx context.Context, blob jmap.Id) (Blob, error)
	// Upload keeps what it reads as a blob, until it has not been used for a while.
	Upload(ctx context.Context, mediaType string, body io.Reader) (jmap.Upload, error)
	// Scratch makes an empty file that is gone when it is closed.
	Scratch() (io.ReadWriteSeeker, func(), error)
}

var (
	// ErrUnknownState: the state is too old, or not one of ours.
	ErrUnknownState = errors.New("unknown state")
	// ErrNotFound: there is no such record.
	ErrNotFound = errors.New("not found")
)

// Changes is what became of a type between two states.
type Changes struct {
	New                         jmap.State
	HasMore                     bool
	Created, Updated, Destroyed []jmap.Id
	CountsOnly                  bool // Mailbox: nothing but counts changed
}

// Spine is which messages a mailbox has at one moment.
type Spine struct {
	Mailbox jmap.Id
	UIDs    upstream.UIDSet
	EmailID func(uid uint32) jmap.Id
	UID     func(id jmap.Id) (uint32, bool) // false: not a message of this mailbox
	// Shared are the messages whose email is in other mailboxes as well.
	Shared map[uint32]bool
	// Thread is the thread of a message, see ThreadID; false while it is not known, when
	// the message counts as a thread of its own.
	Thread func(uid uint32) (uint64, bool)
	// ReceivedAt is when a message came, to the second; false while it is not known.
	ReceivedAt func(uid uint32) (time.Time, bool)
}

// ThreadID names a thread.
func ThreadID(thread uint64) jmap.Id { return jmap.Id(fmt.Sprintf("t%016x", thread)) }

// ParseThreadID reads what ThreadID made.
func ParseThreadID(id jmap.Id) (uint64, bool) {
	hex, ok := strings.CutPrefix(string(id), "t")
	thread, err := strconv.ParseUint(hex, 16, 64)
	return thread, ok && err == nil && ThreadID(thread) == id
}

// Only is the spine with no more messages than these.
func (s Spine) Only(uids upstream.UIDSet) Spine {
	s.UIDs = uids
	return s
}

// Index is the place of an email, smallest UID first.
func (s Spine) Index(id jmap.Id) (int, bool) {
	uid, ok := s.UID(id)
	if !ok {
		return 0, false
	}
	return s.UIDs.Index(uid)
}

// Row is an upstream.Row with the ids an account gives it.
type Row struct {
	upstream.Row
	Mailboxes []jmap.Id // at least one; first where it is read
	Thread    jmap.Id
}

// Blob is octets that can be read from any offset, as often as one likes.
type Blob interface {
	Size() int64 // -1: not known before it is read
	Open(ctx context.Context, offset int64) (io.ReadCloser, error)
}

// BlobID names the octets of an email (section "") or of one of its parts.
func BlobID(email jmap.Id, section string) jmap.Id {
	id := "b" + email
	if section == "" {
		return id
	}
	return id + "_" + jmap.Id(strings.ReplaceAll(section, ".", "-"))
}

// InsideBlobID names a part of a message that itself is in a blob: "m" says that what
// comes before it is to be taken apart as a message.
func InsideBlobID(blob jmap.Id, section string) jmap.Id {
	joint := jmap.Id("-m-")
	if !strings.Contains(string(blob), "_") {
		joint = "_m-"
	}
	return blob + joint + jmap.Id(strings.ReplaceAll(section, ".", "-"))
}

func isMultipart(p *message.Part) bool { return strings.HasPrefix(p.Type, "multipart/") }
