package jmap

import "time"

// Keywords with a meaning of their own (RFC 8621 §4.1.1).
const (
	KeywordSeen      = "$seen"
	KeywordFlagged   = "$flagged"
	KeywordAnswered  = "$answered"
	KeywordDraft     = "$draft"
	KeywordForwarded = "$forwarded"
	KeywordReceipt   = "$mdnsent" // it is answered for, or is not to be (RFC 3503)
	KeywordJunk      = "$junk"
	KeywordNotJunk   = "$notjunk"
)

// Mailbox roles (RFC 8621 §2, the IANA registry of IMAP special-use attributes).
const (
	RoleInbox   = "inbox"
	RoleArchive = "archive"
	RoleDrafts  = "drafts"
	RoleSent    = "sent"
	RoleJunk    = "junk"
	RoleTrash   = "trash"
)

// Mailbox is a named set of emails (RFC 8621 §2).
type Mailbox struct {
	Id            Id            `json:"id,omitzero"`
	Name          string        `json:"name"`
	ParentId      *Id           `json:"parentId"`
	Role          *string       `json:"role"`
	SortOrder     int           `json:"sortOrder"`
	TotalEmails   int           `json:"totalEmails"`
	UnreadEmails  int           `json:"unreadEmails"`
	TotalThreads  int           `json:"totalThreads"`
	UnreadThreads int           `json:"unreadThreads"`
	MyRights      MailboxRights `json:"myRights"`
	IsSubscribed  bool          `json:"isSubscribed"`
}

// HasRole reports whether the mailbox has the given role.
func (m *Mailbox) HasRole(role string) bool { return m.Role != nil && *m.Role == role }

// MailboxRights says what the member may do in a mailbox.
type MailboxRights struct {
	MayReadItems   bool `json:"mayReadItems"`
	MayAddItems    bool `json:"mayAddItems"`
	MayRemoveItems bool `json:"mayRemoveItems"`
	MaySetSeen     bool `json:"maySetSeen"`
	MaySetKeywords bool `json:"maySetKeywords"`
	MayCreateChild bool `json:"mayCreateChild"`
	MayRename      bool `json:"mayRename"`
	MayDelete      bool `json:"mayDelete"`
	MaySubmit      bool `json:"maySubmit"`
}

// Thread is the emails of one conversation, oldest first (RFC 8621 §3).
type Thread struct {
	Id       Id   `json:"id"`
	EmailIds []Id `json:"emailIds"`
}

// Email is one message (RFC 8621 §4). Fields the request did not ask for, or
// the sender of a creation does not set, are zero.
type Email struct {
	Id         Id              `json:"id,omitzero"`
	BlobId     Id              `json:"blobId,omitzero"`
	ThreadId   Id              `json:"threadId,omitzero"`
	MailboxIds map[Id]bool     `json:"mailboxIds,omitzero"`
	Keywords   map[string]bool `json:"keywords,omitzero"`
	Size       int64           `json:"size,omitzero"` // octets of the raw message
	ReceivedAt time.Time       `json:"receivedAt,omitzero"`

	MessageId  []string       `json:"messageId,omitzero"` // without angle brackets
	InReplyTo  []string       `json:"inReplyTo,omitzero"`
	References []string       `json:"references,omitzero"`
	Sender     []EmailAddress `json:"sender,omitzero"`
	From       []EmailAddress `json:"from,omitzero"`
	To         []EmailAddress `json:"to,omitzero"`
	Cc         []EmailAddress `json:"cc,omitzero"`
	Bcc        []EmailAddress `json:"bcc,omitzero"`
	ReplyTo    []EmailAddress `json:"replyTo,omitzero"`
	Subject    string         `json:"subject,omitzero"`
	SentAt     time.Time      `json:"sentAt,omitzero"`
	Headers    []EmailHeader  `json:"headers,omitzero"`

	// Header fields in a form of RFC 8621 §4.1.2, where they were asked for.
	AuthenticationResults []string `json:"header:Authentication-Results:asRaw:all,omitzero"` // topmost first
	ListUnsubscribe       []string `json:"header:List-Unsubscribe:asURLs,omitzero"`
	ListUnsubscribePost   string   `json:"header:List-Unsubscribe-Post:asText,omitzero"`
	ListId                string   `json:"header:List-Id:asText,omitzero"`
	ListPost              []string `json:"header:List-Post:asURLs,omitzero"` // RFC 2369 §3.4

	MailFollowupTo []EmailAddress `json:"header:Mail-Followup-To:asAddresses,omitzero"`
	ReceiptTo      []EmailAddress `json:"header:Disposition-Notification-To:asAddresses,omitzero"` // RFC 8098 §2.1

	// DraftMark is a header of ours by which a client knows again what it saved itself.
	DraftMark string `json:"header:X-Hearthmail-Draft:asText,omitzero"`

	BodyStructure *EmailBodyPart            `json:"bodyStructure,omitzero"`
	BodyValues    map[string]EmailBodyValue `json:"bodyValues,omitzero"`
	TextBody      []EmailBodyPart           `json:"textBody,omitzero"`
	HtmlBody      []EmailBodyPart           `json:"htmlBody,omitzero"`
	Attachments   []EmailBodyPart           `json:"attachments,omitzero"`
	HasAttachment bool                      `json:"hasAttachment,omitzero"`
	Preview       string                    `json:"preview,omitzero"` // at most 256 characters
}

// EmailAddress is one mailbox of an address list (RFC 8621 §4.1.2.3). An empty
// Name is sent as null.
type EmailAddress struct {
	Name  *string `json:"name"`
	Email string  `json:"email"`
}

// DisplayName is the name, or the address where there is none.
func (a EmailAddress) DisplayName() string {
	if a.Name != nil && *a.Name != "" {
		return *a.Name
	}
	return a.Email
}

// EmailAddressGroup is a named group of addresses, or with a nil Name the
// addresses outside any group (RFC 8621 §4.1.2.4).
type EmailAddressGroup struct {
	Name      *string        `json:"name"`
	Addresses []EmailAddress `json:"addresses"`
}

// EmailHeader is one header field; Value is the raw form (RFC 8621 §4.1.3).
type EmailHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// EmailBodyPart is one part of the MIME tree (RFC 8621 §4.1.4).
type EmailBodyPart struct {
	PartId      string          `json:"partId,omitzero"`
	BlobId      Id              `json:"blobId,omitzero"`
	Size        int64           `json:"size,omitzero"` // octets after the transfer encoding is undone
	Headers     []EmailHeader   `json:"headers,omitzero"`
	Name        string          `json:"name,omitzero"`
	Type        string          `json:"type,omitzero"` // lower case, without parameters
	Charset     string          `json:"charset,omitzero"`
	Disposition string          `json:"disposition,omitzero"`
	Cid         string          `json:"cid,omitzero"` // without angle brackets
	Language    []string        `json:"language,omitzero"`
	Location    string          `json:"location,omitzero"`
	SubParts    []EmailBodyPart `json:"subParts,omitzero"`

	// ContentType stands for Type in a creation, where a type needs parameters.
	ContentType string `json:"header:Content-Type,omitzero"`
}

// EmailBodyValue is the text of a part, as UTF-8 with LF line ends.
type EmailBodyValue struct {
	Value             string `json:"value"`
	IsEncodingProblem bool   `json:"isEncodingProblem"`
	IsTruncated       bool   `json:"isTruncated"`
}

// EmailFilter is a FilterOperator when Operator is set, else a FilterCondition
// whose fields must all hold (RFC 8621 §4.4.1).
type EmailFilter struct {
	Operator   string        `json:"operator,omitzero"` // AND, OR, NOT
	Conditions []EmailFilter `json:"conditions,omitzero"`

	InMailbox               Id        `json:"inMailbox,omitzero"`
	InMailboxOtherThan      []Id      `json:"inMailboxOtherThan,omitzero"`
	Before                  time.Time `json:"before,omitzero"`
	After                   time.Time `json:"after,omitzero"`
	MinSize                 int64     `json:"minSize,omitzero"`
	MaxSize                 int64     `json:"maxSize,omitzero"`
	AllInThreadHaveKeyword  string    `json:"allInThreadHaveKeyword,omitzero"`
	SomeInThreadHaveKeyword string    `json:"someInThreadHaveKeyword,omitzero"`
	NoneInThreadHaveKeyword string    `json:"noneInThreadHaveKeyword,omitzero"`
	HasKeyword              string    `json:"hasKeyword,omitzero"`
	NotKeyword              string    `json:"notKeyword,omitzero"`
	HasAttachment           *bool     `json:"hasAttachment,omitzero"`
	Text                    string    `json:"text,omitzero"`
	From                    string    `json:"from,omitzero"`
	To                      string    `json:"to,omitzero"`
	Cc                      string    `json:"cc,omitzero"`
	Bcc                     string    `json:"bcc,omitzero"`
	Subject                 string    `json:"subject,omitzero"`
	Body                    string    `json:"body,omitzero"`
	Header                  []string  `json:"header,omitzero"` // name, and a value it must contain
}

// EmailCopy is one email that Email/copy is to copy (RFC 8621 §4.7). Its keywords and its
// date go along.
type EmailCopy struct {
	Id         Id          `json:"id"`
	MailboxIds map[Id]bool `json:"mailboxIds"`
}

// EmailCopyRequest is the arguments of Email/copy.
type EmailCopyRequest struct {
	FromAccountId Id               `json:"fromAccountId"`
	AccountId     Id               `json:"accountId"`
	Create        map[Id]EmailCopy `json:"create"`
}

// EmailCopyResponse is its answer. Of what was created, the server tells no more than this.
type EmailCopyResponse struct {
	Created    map[Id]Email    `json:"created"`
	NotCreated map[Id]SetError `json:"notCreated"`
}
