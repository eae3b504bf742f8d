package method

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// importAnswer is what Email/import and, but for FromAccountId, Email/copy answer.
type importAnswer struct {
	FromAccountId jmap.Id                   `json:"fromAccountId,omitzero"`
	AccountId     jmap.Id                   `json:"accountId"`
	OldState      jmap.State                `json:"oldState"`
	NewState      jmap.State                `json:"newState"`
	Created       map[jmap.Id]record        `json:"created"`
	NotCreated    map[jmap.Id]jmap.SetError `json:"notCreated"`
}

// filing is where and how a message is to be filed.
type filing struct {
	MailboxIds map[jmap.Id]bool
	Keywords   map[string]bool
	ReceivedAt time.Time
}

// read reads a creation of Email/import or Email/copy, and the id of what is to be filed.
func (f *filing) read(raw json.RawMessage, property string, id *jmap.Id) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return invalid("an email is an object")
	}
	return readProperties(given, map[string]any{
		"mailboxIds": &f.MailboxIds, "keywords": &f.Keywords, "receivedAt": &f.ReceivedAt, property: id,
	})
}

// readProperties reads properties into what they are for, and names one that is not
// what it ought to be.
func readProperties(given map[string]json.RawMessage, into map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if into[name] == nil {
			continue
		}
		if err := json.Unmarshal(given[name], into[name]); err != nil {
			return invalid("the value is not what this property may have", name)
		}
	}
	return nil
}

// emailImport answers Email/import (RFC 8621 §4.8): messages that are there as blobs
// are filed as they are.
func emailImport(ctx context.Context, c *call) (any, error) {
	var args struct {
		AccountId jmap.Id                     `json:"accountId"`
		IfInState *jmap.State                 `json:"ifInState"`
		Emails    map[jmap.Id]json.RawMessage `json:"emails"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if args.Emails == nil {
		return nil, &jmap.MethodError{Type: jmap.InvalidArguments, Description: "emails is missing", Arguments: []string{"emails"}}
	}
	answer, err := c.beginImport(args.AccountId, args.IfInState, len(args.Emails))
	if err != nil {
		return nil, err
	}
	for _, creation := range slices.Sorted(maps.Keys(args.Emails)) {
		answer.made(c, creation, func() (record, error) {
			var f filing
			var id jmap.Id
			if err := f.read(args.Emails[creation], "blobId", &id); err != nil {
				return nil, err
			}
			blob, err := c.account.OpenBlob(ctx, c.real(id))
			if isGone(err) {
				return nil, invalid("there is no such blob", "blobId") // RFC 8621 §4.8
			}
			if err != nil {
				return nil, err
			}
			return c.file(ctx, blob, f)
		})
	}
	answer.NewState = c.account.State("Email")
	return answer, nil
}

func (c *call) beginImport(account jmap.Id, ifInState *jmap.State, n int) (*importAnswer, error) {
	if n > MaxObjectsInSet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	state := c.account.State("Email")
	if ifInState != nil && *ifInState != state {
		return nil, &jmap.MethodError{Type: jmap.StateMismatch}
	}
	return &importAnswer{AccountId: account, OldState: state}, nil
}

// made notes what became of one creation.
func (a *importAnswer) made(c *call, creation jmap.Id, do func() (record, error)) {
	r, err := do()
	if err != nil {
		put(&a.NotCreated, creation, setError(c, err))
		return
	}
	c.created[creation] = r["id"].(jmap.Id)
	put(&a.Created, creation, r)
}

// mailboxesAndKeywords checks where and how a message is to be filed.
func (c *call) mailboxesAndKeywords(f filing) ([]jmap.Id, map[string]bool, error) {
	set := map[jmap.Id]bool{}
	for id, in := range f.MailboxIds {
		if !in {
			return nil, nil, invalid(errOnlyTrue.Error(), "mailboxIds")
		}
		set[c.real(id)] = true
	}
	mailboxes, err := someMailboxes(set)
	if err != nil {
		return nil, nil, err
	}
	keywords := map[string]bool{}
	for k, in := range f.Keywords {
		if !in || !validKeyword(k) {
			return nil, nil, invalid(errKeyword.Error(), "keywords")
		}
		keywords[strings.ToLower(k)] = true
	}
	return mailboxes, keywords, nil
}

// file files the message a blob is.
func (c *call) file(ctx context.Context, blob Blob, f filing) (record, error) {
	mailboxes, keywords, err := c.mailboxesAndKeywords(f)
	if err != nil {
		return nil, err
	}
	from, err := blob.Open(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	file, done, err := c.account.Scratch()
	if err != nil {
		return nil, err
	}
	defer done()
	size, err := io.Copy(file, message.NewWireReader(from)) // RFC 8621 §4.8: errors may be mended
	if err != nil {
		return nil, err
	}
	head := make([]byte, min(size, maxImportHeader))
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(file, head); err != nil {
		return nil, err
	}
	if !message.IsMessage(head) {
		return nil, &jmap.SetError{Type: jmap.SetInvalidEmail, Description: "this is not a message: it has no header"}
	}
	return c.appendFile(ctx, mailboxes, file, upstream.NewMessage{Size: size, Keywords: keywords, ReceivedAt: f.ReceivedAt})
}

// maxImportHeader is how much of a blob is looked at for a header.
const maxImportHeader = 1 << 20

// appendFile files what is in a file and gives what the server made of it.
func (c *call) appendFile(ctx context.Context, mailboxes []jmap.Id, file io.ReadSeeker, msg upstream.NewMessage) (record, error) {
	if err := haveMailboxes(ctx, c.account, mailboxes); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	msg.Body = file
	id, err := c.account.Append(ctx, mailboxes[0], msg)
	if errors.Is(err, ErrNotFound) {
		return nil, invalid("there is no such mailbox", "mailboxIds")
	}
	if err != nil {
		return nil, err
	}
	if len(mailboxes) > 1 {
		if _, err := c.account.Refile(ctx, []jmap.Id{id}, mailboxes); err != nil {
			_, again := c.account.Destroy(ctx, []jmap.Id{id}) // all of it or nothing
			return nil, errors.Join(err, again)
		}
	}
	rows, err := c.account.Rows(ctx, []jmap.Id{id})
	if err != nil {
		return nil, err
	}
	return record{"id": id, "blobId": BlobID(id, ""), "threadId": rows[id].Thread, "size": msg.Size}, nil
}
