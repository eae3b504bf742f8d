package outbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/postfix"
	"github.com/hearthmail/hearthmail/bridge/upstream/smtpsend"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestPostfix: a real Postfix refuses one of several recipients, for good or for now:
// nobody gets the message, everybody is told of, and what was for now is sent later.
func TestPostfix(t *testing.T) {
	server := postfix.Start(t, postfix.Options{
		Config: "smtpd_recipient_restrictions = check_recipient_access inline:{ {alan@hearth.test = 450 4.2.0 greylisted} }, reject_unauth_destination",
	})
	o := newOffice(t)
	o.box.Close()
	o.sender = smtpsend.New(smtpsend.Config{Server: server.SMTP(upstream.STARTTLS), Dialer: server.Dialer})
	o.open()
	send := func(id jmap.Id, to ...string) outbox.Submission {
		t.Helper()
		s := submission(id, "")
		s.Envelope = envelope(to...)
		s, err := o.box.SubmitAndWait(t.Context(), s, strings.NewReader(letter), 30*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}

	refused := send("s1", "grace@hearth.test", "nobody@hearth.test", "alan@hearth.test")
	if refused.State != outbox.Failed || refused.Step != upstream.StepRecipients {
		t.Errorf("%+v", refused)
	}
	for to, code := range map[string]int{"grace@hearth.test": 250, "nobody@hearth.test": 550, "alan@hearth.test": 450} {
		if refused.Replies[to].Code != code || refused.Replies[to].Text == "" {
			t.Errorf("%s: %+v, want %d", to, refused.Replies[to], code)
		}
	}
	put := send("s2", "grace@hearth.test", "alan@hearth.test")
	if put.State != outbox.Pending || put.Replies["alan@hearth.test"].Enhanced != "4.2.0" || time.Until(put.NextAt) < 50*time.Second || put.Problem == "" {
		t.Errorf("%+v", put)
	}
	if err := o.box.Cancel(t.Context(), "s2"); err != nil {
		t.Error(err)
	}
	if s := send("s3", "grace@hearth.test"); s.State != outbox.Sent {
		t.Errorf("%+v", s)
	}
	if raw := server.Mail(t, "grace", 1)[0]; !strings.HasSuffix(raw, "\n\nHello.\n") {
		t.Errorf("arrived: %q", raw)
	}
}
