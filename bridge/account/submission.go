package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// clockSkew is how much earlier than our own clock a server's may say that it filed
// its copy of what was sent.
const clockSkew = 10 * time.Minute

var errNotFiled = errors.New("the mail server did not let the email be filed")

func (a *Account) openOutbox() (*outbox.Box, error) {
	return outbox.Open(a.ctx, outbox.Config{
		DB:       a.cfg.DB,
		Dir:      outboxDir(a.cfg.Dir, a.cfg.ID),
		Account:  a.cfg.ID,
		Sender:   a.cfg.Sender,
		Log:      a.cfg.Log,
		Created:  func(id jmap.Id) { a.recordSubmission(id, opCreated) },
		Changed:  func(id jmap.Id) { a.recordSubmission(id, opUpdated) },
		Removed:  func(id jmap.Id) { a.recordSubmission(id, opDestroyed) },
		File:     a.fileSent,
		Trace:    a.traceSent,
		GiveBack: a.backToDrafts,
	})
}

// submissionCapability says what EmailSubmission/set can (RFC 8621 §1.3.2). The bridge
// itself holds messages back; DSN is the server's, and told once it is known.
func (a *Account) submissionCapability() json.RawMessage {
	most := int(outbox.MaxDelay.Seconds())
	extensions := map[string][]string{"FUTURERELEASE": {fmt.Sprint(most), time.Now().UTC().Truncate(24 * time.Hour).Add(outbox.MaxDelay).Format(time.RFC3339)}}
	if server, ok := a.cfg.Sender.(interface{ OffersDSN() bool }); ok && server.OffersDSN() {
		extensions["DSN"] = []string{}
	}
	raw, err := json.Marshal(map[string]any{"maxDelayedSend": most, "submissionExtensions": extensions})
	if err != nil {
		return nil // strings and numbers always marshal
	}
	return raw
}

func (a *Account) recordSubmission(id jmap.Id, what op) {
	err := a.ask(a.ctx, func(s *state) error {
		return a.commit(s, &[]entry{{"EmailSubmission", id, what}}, nil)
	})
	if err != nil && !errors.Is(err, errClosed) {
		a.cfg.Log.Error("submission not recorded", slog.Any("err", err))
	}
}

// fileSent does with a sent email what the client asked: the Email/set that the one
// who submitted it did not get to. Where the server has filed a copy by itself, or the
// move was half done, one copy stays.
func (a *Account) fileSent(ctx context.Context, sub outbox.Submission) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var req jmap.Request
	if err := json.Unmarshal(sub.After, &req); err != nil {
		return err
	}
	sent, err := a.roleMailbox(ctx, jmap.RoleSent)
	if err != nil && !errors.Is(err, method.ErrNotFound) {
		return err
	}
	if sent != "" && filesIn(req.MethodCalls[0].Args, sent) {
		c, err := a.copies(ctx, sent, sub)
		if err != nil {
			return err
		}
		if c.own != nil && (len(c.theirs) > 0 || c.half) {
			if kept, err := a.keepOne(ctx, c, sub.Email); err != nil || !kept {
				return err
			}
		}
	}
	resp := method.Process(ctx, &req, method.Member{Account: func(jmap.Id) method.Account { return a }})
	failed, err := method.FailedForNow(resp.MethodResponses[0])
	if err == nil && (failed[""] || failed[sub.Email]) {
		err = errNotFiled
	}
	return err // nil also for what will never be
}

// filesIn reports whether the arguments of an Email/set put an email into a mailbox.
func filesIn(args json.RawMessage, mailbox jmap.Id) bool {
	var set struct {
		Update map[jmap.Id]map[string]json.RawMessage `json:"update"`
	}
	if json.Unmarshal(args, &set) != nil {
		return false
	}
	for _, patch := range set.Update {
		var whole map[jmap.Id]bool
		if string(patch["mailboxIds/"+string(mailbox)]) == "true" || json.Unmarshal(patch["mailboxIds"], &whole) == nil && whole[mailbox] {
			return true
		}
	}
	return false
}

// traceSent looks for a copy of a message that the server filed when it took it. Of that
// and ours in the same mailbox one stays.
func (a *Account) traceSent(ctx context.Context, sub outbox.Submission) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	sent, err := a.roleMailbox(ctx, jmap.RoleSent)
	if errors.Is(err, method.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c, err := a.copies(ctx, sent, sub)
	if err != nil || len(c.theirs) == 0 {
		return false, err
	}
	if c.own == nil {
		// Where a move gives emails other ids (no UIDPLUS), what is there may be our own:
		// it proves nothing, and is left alone.
		return sub.State == outbox.Sent, nil
	}
	if slices.Contains(c.own.Mailboxes, sent) {
		_, err = a.keepOne(ctx, c, sub.Email)
	}
	return true, err
}

// keepOne removes all but one copy of a message: ours goes, and kept is false, unless it
// is the only one that tells who got a blind copy.
func (a *Account) keepOne(ctx context.Context, c copies, email jmap.Id) (kept bool, err error) {
	goes := []jmap.Id{email}
	if kept = len(c.own.Envelope.Bcc) > 0 && !c.half; kept {
		goes = c.theirs
	}
	_, err = a.Destroy(ctx, goes)
	return kept, err
}

// copies is what there is of a message that was submitted.
type copies struct {
	own    *method.Row // the email that was submitted; nil: gone
	theirs []jmap.Id   // others, filed since
	half   bool        // another, as the first half of a move leaves it
}

// copies looks for other copies of a message in a mailbox, by its Message-ID.
func (a *Account) copies(ctx context.Context, mailbox jmap.Id, sub outbox.Submission) (copies, error) {
	var c copies
	ids := []jmap.Id{sub.Email}
	if sub.MessageID != "" {
		if err := a.sync(ctx, mailbox); err != nil {
			return c, err
		}
		spine, err := a.Spine(ctx, mailbox)
		if err != nil {
			return c, err
		}
		uids, err := a.Search(ctx, mailbox, &jmap.EmailFilter{Header: []string{"Message-ID", sub.MessageID}}, 0)
		if err != nil {
			return c, err
		}
		for _, uid := range uids.All() {
			ids = append(ids, spine.EmailID(uid))
		}
	}
	rows, err := a.Rows(ctx, ids)
	if own, ok := rows[sub.Email]; ok {
		c.own = &own
	}
	for id, row := range rows {
		if id == sub.Email || !slices.Contains(row.Envelope.MessageID, sub.MessageID) {
			continue
		}
		// COPY keeps the date (RFC 9051 §6.4.7).
		if c.own != nil && row.ReceivedAt.Equal(c.own.ReceivedAt) && row.Size == c.own.Size {
			c.half = true
		} else if row.ReceivedAt.After(sub.SendAt.Add(-clockSkew)) {
			c.theirs = append(c.theirs, id)
		}
	}
	return c, err
}

// backToDrafts brings a message that was taken, and then refused for good, back to
// where it can be edited: the email, or what is left of it when that is gone.
func (a *Account) backToDrafts(ctx context.Context, sub outbox.Submission, open func() (io.ReadCloser, error)) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	drafts, err := a.roleMailbox(ctx, jmap.RoleDrafts)
	if err != nil {
		return err
	}
	gone, err := a.SetKeywords(ctx, []jmap.Id{sub.Email}, []string{jmap.KeywordDraft}, nil)
	if err == nil && len(gone) == 0 {
		gone, err = a.Move(ctx, []jmap.Id{sub.Email}, drafts)
	}
	if err != nil || len(gone) == 0 {
		return err
	}
	body, err := open()
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = a.Append(ctx, drafts, upstream.NewMessage{
		Body: body, Size: sub.Size, Keywords: map[string]bool{jmap.KeywordDraft: true, jmap.KeywordSeen: true},
	})
	return err
}
