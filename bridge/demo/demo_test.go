package demo

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *Provider {
	t.Helper()
	p, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func signIn(t *testing.T, p *Provider, person Person) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(p.IMAP, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(person.Address, person.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryMessageCanBeRead(t *testing.T) {
	p := start(t)
	total := 0
	for _, person := range People() {
		c := signIn(t, p, person)
		list, err := c.List("", "*", nil).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			data, err := c.Select(m.Mailbox, nil).Wait()
			if err != nil {
				t.Fatal(err)
			}
			if data.NumMessages == 0 {
				continue
			}
			var all imap.SeqSet
			all.AddRange(1, 0)
			found, err := c.Fetch(all, &imap.FetchOptions{Envelope: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}).Collect()
			if err != nil {
				t.Fatalf("%s: %v", m.Mailbox, err)
			}
			total += len(found)
			for _, f := range found {
				if f.BodyStructure == nil || len(f.Envelope.From) == 0 || f.Envelope.Date.IsZero() {
					t.Errorf("%s %d: %+v", m.Mailbox, f.SeqNum, f.Envelope)
				}
			}
		}
	}
	if total < 160 {
		t.Errorf("only %d messages", total)
	}
}

func TestWrongPassword(t *testing.T) {
	p := start(t)
	c, err := imapclient.DialInsecure(p.IMAP, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Login("ada@demo.test", "wrong").Wait() == nil {
		t.Error("a wrong password was taken")
	}
}

func TestMailArrivesAtOnce(t *testing.T) {
	p := start(t)
	came := make(chan struct{}, 1)
	c, err := imapclient.DialInsecure(p.IMAP, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				came <- struct{}{}
			}
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("grace@demo.test", "demo").Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	idle, err := c.Idle()
	if err != nil {
		t.Fatal(err)
	}
	if err := send(p, "ada@demo.test", "grace@demo.test"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-came:
	case <-time.After(10 * time.Second):
		t.Error("nothing came")
	}
	if err := idle.Close(); err != nil {
		t.Error(err)
	}
}

func send(p *Provider, from, to string) error {
	c, err := smtp.Dial(p.SMTP)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", "ada@demo.test", "demo")); err != nil {
		return err
	}
	if err := c.SendMail(from, []string{to}, bytes.NewReader([]byte("Subject: hello\r\n\r\nhi\r\n"))); err != nil {
		return err
	}
	return c.Quit()
}

func TestOnlyOwnSenderAndKnownRecipients(t *testing.T) {
	p := start(t)
	if err := send(p, "grace@demo.test", "ada@demo.test"); err == nil || !strings.Contains(err.Error(), "553") {
		t.Errorf("somebody else's sender: %v", err)
	}
	if err := send(p, "ada@demo.test", "x@example.org"); err == nil || !strings.Contains(err.Error(), "550") {
		t.Errorf("an unknown recipient: %v", err)
	}
}
