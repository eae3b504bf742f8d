package memstore

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Account {
		a := New()
		return storetest.Account{
			Store:    a.Open(),
			Deliver:  func(_ *testing.T, raw []byte) { a.Deliver(raw) },
			Other:    func(*testing.T) upstream.Store { return a.Open() },
			Renumber: func(_ *testing.T, mailbox string) { a.Renumber(mailbox) },
		}
	})
}
