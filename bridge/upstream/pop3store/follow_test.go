package pop3store

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// pipes is a Dialer to a maildrop without a network.
type pipes struct {
	m    *maildrop
	work *sync.WaitGroup
}

func (p pipes) Dial(context.Context, upstream.Server) (net.Conn, error) {
	here, there := net.Pipe()
	p.work.Go(func() {
		defer there.Close()
		p.m.serve(there)
	})
	return here, nil
}

func (pipes) StartTLS(context.Context, net.Conn, upstream.Server) (net.Conn, error) {
	return nil, fmt.Errorf("not here")
}

// follow runs a Store on a maildrop in a bubble of time of its own.
func follow(t *testing.T, m *maildrop, f func(t *testing.T, s *Store, events <-chan upstream.Event)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var work sync.WaitGroup
		s := New(Config{Dir: dir, Server: upstream.Server{Host: "x", Port: 110, Security: upstream.None, User: "ada"}, Password: "secret", Dialer: pipes{m, &work}})
		f(t, s, s.Watch(t.Context()))
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		work.Wait()
	})
}

// TestInUse: a maildrop that another has is waited for, longer each time; the reason shows,
// and is gone once it goes on.
func TestInUse(t *testing.T) {
	m := filled(1)
	m.fault = func(verb string, _ int) string {
		if m.change(func(*maildrop) {}); verb == "PASS" && m.sessions < 4 {
			return "-ERR [IN-USE] wait\r\n"
		}
		return ""
	}
	follow(t, m, func(t *testing.T, s *Store, events <-chan upstream.Event) {
		began := time.Now()
		told := 0
		for ev := range events {
			if ev.Tasks {
				told++
			}
			if tasks := s.Tasks(); len(tasks) == 1 && (upstream.KindOf(tasks[0].Err) != upstream.KindLimit) {
				t.Errorf("%+v", tasks)
			}
			if ev.Mailbox == "INBOX" {
				break
			}
		}
		if took := time.Since(began); took != 7*firstRetry || told == 0 { // 1 + 2 + 4
			t.Errorf("it took %v, and was told of %d times", took, told)
		}
		synctest.Wait()
		if len(s.Tasks()) != 0 {
			t.Errorf("%+v", s.Tasks())
		}
	})
}

// TestRefused: a refused password is not tried again, however often somebody asks.
func TestRefused(t *testing.T) {
	m := filled(1)
	m.fault = func(verb string, _ int) string {
		if verb == "PASS" {
			return "-ERR [AUTH] no\r\n"
		}
		return ""
	}
	follow(t, m, func(t *testing.T, s *Store, events <-chan upstream.Event) {
		<-events
		s.FetchNow()
		time.Sleep(24 * time.Hour)
		if tasks := s.Tasks(); m.sessions != 1 || len(tasks) != 1 || upstream.KindOf(tasks[0].Err) != upstream.KindAuth {
			t.Errorf("%d sessions, %+v", m.sessions, tasks)
		}
	})
}

// TestPoll: the server is looked at from time to time, and when somebody asks.
func TestPoll(t *testing.T) {
	m := filled(0)
	follow(t, m, func(t *testing.T, s *Store, _ <-chan upstream.Event) {
		time.Sleep(10*poll + poll/2)
		if m.sessions != 11 {
			t.Errorf("%d sessions", m.sessions)
		}
		s.FetchNow()
		synctest.Wait()
		if m.sessions != 12 {
			t.Errorf("%d sessions after somebody asked", m.sessions)
		}
	})
}

// TestKilled: a process that is killed in the middle of a download, again and again, loses
// nothing and doubles nothing, though it deletes from the server what it has.
func TestKilled(t *testing.T) {
	const n = 400
	m := filled(n)
	var mu sync.Mutex
	reached, at := make(chan bool, 1), 0
	m.fault = func(verb string, _ int) string {
		if verb == "RETR" || verb == "DELE" || verb == "QUIT" {
			mu.Lock()
			defer mu.Unlock()
			if at--; at == 0 {
				reached <- true
			}
		}
		return ""
	}
	dir, port := t.TempDir(), dialertest.Listen(t, m.serve)
	for run, kill := range []int{1, 30, 60, 170, 90, 200, 120, 250} {
		mu.Lock()
		at = kill
		mu.Unlock()
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("POP3STORE_RUN=%d %s", port, dir))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-reached
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		s := killedStore(port, dir)
		if all := append(m.left(), inbox(t, s, "INBOX")...); !subset(upTo(n), all) {
			t.Fatalf("after run %d, something is lost: %d messages there and here", run, len(all))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	at = 0
	mu.Unlock()
	s := killedStore(port, dir)
	defer s.Close()
	look(t, s)
	same(t, "here", inbox(t, s, "INBOX"), upTo(n))
	same(t, "there", m.left(), nil)
}

// killedStore is a Store whose rule is to leave nothing on the server.
func killedStore(port int, dir string) *Store {
	allow, err := dialer.ParseAllowList([]string{"127.0.0.1:*"})
	if err != nil {
		panic(err)
	}
	return New(Config{
		Dir: dir, Server: upstream.Server{Host: "127.0.0.1", Port: port, Security: upstream.None, User: "ada"}, Password: "secret",
		Dialer: &dialer.Dialer{Allow: allow}, Keep: upstream.Keep{Rule: upstream.KeepDays},
	})
}

// runKilled is what the process of TestKilled does until it is killed.
func runKilled(says string) {
	port, dir, _ := strings.Cut(says, " ")
	number := 0
	_, _ = fmt.Sscan(port, &number)
	for range killedStore(number, dir).Watch(context.Background()) { // it downloads
	}
}
