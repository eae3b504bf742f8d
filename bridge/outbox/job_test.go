package outbox_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/smtpsend"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// jobVariable tells the test's program that it is to be an account at work.
const jobVariable = "HEARTHMAIL_TEST_JOB"

// job is what such a process does: it opens the account and, with Send, sends the one
// draft there is. It works until its standard input ends.
type job struct {
	Dir        string
	User       string
	IMAP, SMTP int // ports
	Send       bool
	Held       bool // for a second, as the app has what can be undone
}

func migrate(ctx context.Context, db *sql.DB) error {
	return errors.Join(database.Migrate(ctx, db, "account", account.Schema), database.Migrate(ctx, db, "outbox", outbox.Schema))
}

func (j job) run(ctx context.Context) error {
	db, err := database.Open(j.Dir)
	if err != nil {
		return err
	}
	allow, err := dialer.ParseAllowList([]string{"127.0.0.1:*"})
	if err != nil {
		return err
	}
	d := &dialer.Dialer{Allow: allow}
	server := func(port int) upstream.Server {
		return upstream.Server{Host: "127.0.0.1", Port: port, Security: upstream.None, User: j.User}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	a, err := account.Open(ctx, account.Config{
		ID: "a", Address: "ada@hearth.test", DB: db, Dir: j.Dir, Log: log,
		Store:  imapstore.New(imapstore.Config{Server: server(j.IMAP), Password: dovecot.Password, Dialer: d, Log: log}),
		Sender: smtpsend.New(smtpsend.Config{Server: server(j.SMTP), Dialer: d, Auth: "none"}),
	})
	if err != nil {
		return err
	}
	if j.Send {
		if err := send(ctx, account.NewSet(a), j.Held); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// send sends the draft and has it become a sent message.
func send(ctx context.Context, set *account.Set, held bool) error {
	var mailboxes struct{ List []jmap.Mailbox }
	if err := call(ctx, set, "Mailbox/get", `{"accountId": "a"}`, &mailboxes); err != nil {
		return err
	}
	var drafts, sent jmap.Id
	for _, m := range mailboxes.List {
		switch {
		case m.HasRole(jmap.RoleDrafts):
			drafts = m.Id
		case m.HasRole(jmap.RoleSent):
			sent = m.Id
		}
	}
	var found struct{ Ids []jmap.Id }
	if err := call(ctx, set, "Email/query", fmt.Sprintf(`{"accountId": "a", "filter": {"inMailbox": %q}}`, drafts), &found); err != nil {
		return err
	}
	envelope := ""
	if held {
		envelope = `, "envelope": {"mailFrom": {"email": "ada@hearth.test", "parameters": {"HOLDFOR": "1"}}, "rcptTo": [{"email": "grace@hearth.test"}, {"email": "alan@hearth.test"}]}`
	}
	return call(ctx, set, "EmailSubmission/set", fmt.Sprintf(`{"accountId": "a", "create": {"k": {"identityId": "i1", "emailId": %q%s}},
		"onSuccessUpdateEmail": {"#k": {"mailboxIds/%s": null, "mailboxIds/%s": true, "keywords/$seen": true}}}`, found.Ids[0], envelope, drafts, sent), nil)
}

func call(ctx context.Context, set *account.Set, name, args string, answer any) error {
	resp, err := set.Call(ctx, &jmap.Request{
		Using:       []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission, jmap.CapabilityBridge},
		MethodCalls: []jmap.Invocation{{Name: name, Args: json.RawMessage(args), CallID: "c"}},
	})
	if err != nil {
		return err
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(resp.MethodResponses[0].Args, answer)
}
