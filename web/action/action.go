package action

import (
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// Client is what the actions need of the wire. Its methods return at once; what
// they bring shows in the store, and callbacks run on the UI loop.
type Client interface {
	// Follow makes l the list on screen: kept filled around its viewport and fresh.
	Follow(l *store.List)
	// Fill fetches what the viewport of l lacks.
	Fill(l *store.List)
	// Refresh asks for all that changed in the account and in the list on screen.
	Refresh(a *store.Account)
	// FetchNow has the bridge look for new mail now, where it downloads it.
	FetchNow(a *store.Account)
	// StopTask cancels what the bridge does in the background.
	StopTask(a *store.Account, id jmap.Id)
	// OpenEmail fetches an email with its body.
	OpenEmail(a *store.Account, id jmap.Id)
	// Commit sends a change that is shown already and settles it. done gets what
	// was refused, by email, nil when all was done.
	Commit(a *store.Account, op *store.Op, done func(refused map[jmap.Id]error))
	// FindAll collects the ids of all emails of a query, limit at a time; found is told
	// how many there are so far and reports false to stop.
	FindAll(a *store.Account, q store.Query, limit int, found func(n int) bool, done func(ids []jmap.Id, err error))
	// Placed tells where emails lie and what keywords they have.
	Placed(a *store.Account, ids []jmap.Id, done func(list []jmap.Email, err error))
	// CommitMailbox sends a change of a mailbox that is shown already and settles it.
	// done gets the mailbox's id, or why it was refused.
	CommitMailbox(a *store.Account, op *store.MailboxOp, done func(jmap.Id, error))
	// Sweep changes all emails of a mailbox step by step.
	Sweep(a *store.Account, s *store.Sweep, done func(error))
	// Update changes one object of a type. done gets why it was refused.
	Update(a *store.Account, kind string, id jmap.Id, patch jmap.PatchObject, done func(error))
	// OpenVacation fetches the automatic reply.
	OpenVacation(a *store.Account)
	// SaveDraft creates email and, when that worked, destroys the email it
	// replaces ("" for none). done gets the new email's id and blobs.
	SaveDraft(a *store.Account, email jmap.Email, replaces jmap.Id, done func(saved jmap.Email, err error))
	// FindWritten looks for what the bridge has of a message that was being written, by its
	// Message-ID. done gets keywords and marks of what there is.
	FindWritten(a *store.Account, messageId string, done func(found []jmap.Email, err error))
	// Send creates an email in Drafts and submits it, once.
	Send(a *store.Account, m store.Outgoing, done func(store.Outcome))
	// CancelSubmission takes back what was not sent yet; after is what becomes of its email
	// then, nil: nothing.
	CancelSubmission(a *store.Account, id jmap.Id, after jmap.PatchObject, done func(error))
	// ForgetSubmission takes what is not to be sent any more out of the outbox.
	ForgetSubmission(a *store.Account, id jmap.Id, done func(error))
	// Resubmit has the email of a submission that was not sent sent now.
	Resubmit(a *store.Account, old *store.Submission, m store.Outgoing, done func(store.Outcome))
	// SendRaw has the bridge put a message together and send it, once.
	SendRaw(a *store.Account, m store.Raw, done func(store.Outcome))
	// Report fetches what became of a message that was sent: what is known for each recipient,
	// and the reports that came.
	Report(a *store.Account, e *jmap.Email, done func(known map[string]jmap.DeliveryStatus, reports []string))
	// MaxUpload is how many octets a file may have, 0: nobody knows.
	MaxUpload() int64
	// JoinBlobs makes one file of pieces that were uploaded. done gets its blob id.
	JoinBlobs(a *store.Account, pieces []jmap.Id, mediaType string, done func(blob jmap.Id, err error))
	// CopyBlobs copies files from one account to another. done gets the new ids by the old
	// ones.
	CopyBlobs(from, to *store.Account, ids []jmap.Id, done func(copied map[jmap.Id]jmap.Id, err error))
	// SettingsKnown reports whether the member's settings are as the bridge has them.
	SettingsKnown() bool
	// RecentlySent fetches whom the latest messages in Sent went to, once.
	RecentlySent(a *store.Account, most int, done func([]jmap.Email))
	// SaveSetting sends a choice that is shown already. done gets the refusal, nil when
	// it was kept.
	SaveSetting(change *store.SettingChange, done func(error))
	// Unsubscribe has the bridge leave the mailing list that an email came by. done gets
	// the host that took it, or why it did not.
	Unsubscribe(a *store.Account, id jmap.Id, done func(host string, err error))
	// MoveAcross moves the emails of a change that is shown already, and takes them out of
	// an account, to another account's mailbox, and settles it. done gets the new ids by the
	// old ones, and what was refused.
	MoveAcross(a, to *store.Account, mailbox jmap.Id, op *store.Op, done func(moved map[jmap.Id]jmap.Id, refused map[jmap.Id]error))
	Accounts
}

// Accounts is the part of Client that sees to the member's accounts. Each done runs once,
// also when the way to the bridge is lost.
type Accounts interface {
	// HasBridgeAccounts reports whether they can be seen to here.
	HasBridgeAccounts() bool
	// OpenBridgeAccounts fetches them with their servers.
	OpenBridgeAccounts()
	// CreateAccount, UpdateAccounts and RemoveAccount change them. done gets the refusal.
	CreateAccount(account map[string]any, done func(error))
	UpdateAccounts(patches map[jmap.Id]jmap.PatchObject, done func(error))
	RemoveAccount(id jmap.Id, discard bool, done func(error))
	// DiscoverAccount finds the servers of an address.
	DiscoverAccount(address string, done func(*jmap.BridgeDiscovery, error))
	// TryAccount goes the way to an account's servers, step by step.
	TryAccount(id jmap.Id, account map[string]any, done func(*jmap.BridgeTrial, error))
}

// Actions are the verbs. Use them on the UI loop.
type Actions struct {
	store    *store.Store
	client   Client
	uploader Uploader
	flatten  func(html string) string
	post     func(func())
	keeper   Keeper                        // nil: what is written is not kept on this device
	unkept   map[*store.Composer]time.Time // since when they have something to keep
	sampled  map[jmap.Id]bool              // accounts whose Sent was looked into for people
	now      func() time.Time
	last     func()           // takes back what was done last, as far as that can be
	told     map[jmap.Id]tale // what was said of messages on their way
	edit     func(a *store.Account, s *store.Submission)
}

// New makes the actions. flatten puts the style sheets of a mail's HTML into the styles of
// its elements. post runs a function on the UI loop, from any goroutine.
func New(s *store.Store, c Client, u Uploader, flatten func(html string) string, post func(func())) *Actions {
	return &Actions{store: s, client: c, uploader: u, flatten: flatten, post: post, unkept: map[*store.Composer]time.Time{}, sampled: map[jmap.Id]bool{}, now: time.Now}
}
