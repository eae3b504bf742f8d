package imapstore

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

var users atomic.Int64

// fresh is the name of an account nobody has used.
func fresh() string { return fmt.Sprintf("user%d-%d", os.Getpid(), users.Add(1)) }

func open(t testing.TB, srv *dovecot.Server, user string, security upstream.Security) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{
		Server: srv.IMAP(user, security), Password: dovecot.Password, Dialer: srv.Dialer,
		Silence: 20 * time.Second, Poll: 300 * time.Millisecond, compressAll: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// account is an account on a Dovecot for storetest.
func account(t *testing.T, srv *dovecot.Server, security upstream.Security) storetest.Account {
	user := fresh()
	return storetest.Account{
		Store:   open(t, srv, user, security),
		Deliver: func(t *testing.T, raw []byte) { srv.Deliver(t, user, "INBOX", raw) },
		Other:   func(t *testing.T) upstream.Store { return open(t, srv, user, security) },
		Renumber: func(t *testing.T, mailbox string) {
			srv.Doveadm(t, "mailbox", "delete", "-u", user, mailbox)
			srv.Doveadm(t, "mailbox", "create", "-u", user, "-s", mailbox)
		},
	}
}
