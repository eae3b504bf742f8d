package pop3store

import (
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/storetest"
)

func TestMain(m *testing.M) {
	if megabytes, err := strconv.Atoi(os.Getenv("POP3STORE_SERVE")); err == nil {
		serveLong(megabytes)
		return
	}
	if says := os.Getenv("POP3STORE_RUN"); says != "" {
		runKilled(says)
	}
	goleak.VerifyTestMain(m)
}

var users atomic.Int64

// fresh is the name of an account nobody has used.
func fresh() string { return fmt.Sprintf("user%d-%d", os.Getpid(), users.Add(1)) }

// TestStore: the suite, with a real POP3 server for what is delivered.
func TestStore(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{})
	storetest.Run(t, func(t *testing.T) storetest.Account {
		user := fresh()
		s := New(Config{
			Dir: t.TempDir(), Server: srv.POP3(user, upstream.TLS), Password: dovecot.Password, Dialer: srv.Dialer,
			Silence: 20 * time.Second, Poll: time.Hour,
		})
		return storetest.Account{Store: s, Deliver: func(t *testing.T, raw []byte) {
			srv.Deliver(t, user, "INBOX", raw)
			look(t, s)
		}}
	})
}

// look has a Store look at its server, and waits for that.
func look(t testing.TB, s *Store) {
	t.Helper()
	if _, err := s.session(t.Context()); err != nil {
		t.Fatal(err)
	}
}
