package account_test

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestAnEmptyAccountKnowsItsThreads: where there is no message when an account is opened
// there is nothing to wait for, and what is filed then is counted by threads.
func TestAnEmptyAccountKnowsItsThreads(t *testing.T) {
	d := newDesk(t)
	inbox := d.mailbox("Inbox")
	eventually(t, func() bool {
		return strings.Contains(string(d.set.Accounts()[d.ID()].AccountCapabilities[jmap.CapabilityBridge]), `"ready"`)
	})
	for _, head := range []string{"Message-ID: <1@hearth.test>\r\n", "Message-ID: <2@hearth.test>\r\nReferences: <1@hearth.test>\r\n"} {
		raw := "Subject: one talk\r\n" + head + "\r\nAbout it\r\n"
		if _, err := d.Append(d.ctx, inbox, upstream.NewMessage{Body: strings.NewReader(raw), Size: int64(len(raw))}); err != nil {
			t.Fatal(err)
		}
	}
	var got jmap.GetResponse[jmap.Mailbox]
	d.call("Mailbox/get", jmap.GetRequest{AccountId: d.ID(), Ids: []jmap.Id{inbox}}, &got)
	if m := got.List[0]; m.TotalEmails != 2 || m.TotalThreads != 1 || m.UnreadThreads != 1 {
		t.Errorf("%+v", m)
	}
}
