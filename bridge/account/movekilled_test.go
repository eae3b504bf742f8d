package account_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/pop3store"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// moveVariable tells the test's program that it is to move a message.
const moveVariable = "HEARTHMAIL_TEST_MOVE"

// moveJob is what such a process does: it moves what is in the inbox of one account to the
// archive of another, and waits until its standard input ends.
type moveJob struct {
	Dir      string
	From, To end
}

// end is one of the two accounts: on an IMAP server, or with POP3 in a folder.
type end struct {
	User string
	IMAP int // port; 0: POP3
}

func (j moveJob) store(e end, dir string) upstream.Store {
	server := upstream.Server{Host: "127.0.0.1", Port: e.IMAP, Security: upstream.None, User: e.User}
	if e.IMAP == 0 {
		return pop3store.New(pop3store.Config{Dir: filepath.Join(j.Dir, dir), Server: server, Dialer: &dialer.Dialer{}, Poll: time.Hour})
	}
	allow, err := dialer.ParseAllowList([]string{"127.0.0.1:*"})
	if err != nil {
		panic(err)
	}
	return imapstore.New(imapstore.Config{Server: server, Password: dovecot.Password, Dialer: &dialer.Dialer{Allow: allow}})
}

func (j moveJob) run(ctx context.Context) error {
	db, err := database.Open(j.Dir)
	if err != nil {
		return err
	}
	var both []*account.Account
	for id, e := range map[jmap.Id]end{"a": j.From, "b": j.To} {
		one, err := account.Open(ctx, account.Config{
			ID: id, Address: "ada@hearth.test", DB: db, Dir: j.Dir, Store: j.store(e, string(id)), Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		})
		if err != nil {
			return err
		}
		both = append(both, one)
	}
	set := account.NewSet(both...)
	call := func(name string, args map[string]any, answer any) error {
		in, err := jmap.NewInvocation(name, args, "c")
		if err != nil {
			return err
		}
		resp, err := set.Call(ctx, &jmap.Request{Using: []string{jmap.CapabilityCore, jmap.CapabilityMail}, MethodCalls: []jmap.Invocation{in}})
		if err != nil {
			return err
		}
		return json.Unmarshal(resp.MethodResponses[0].Args, answer)
	}
	box := func(account, role string) (jmap.Id, error) {
		var got struct{ List []jmap.Mailbox }
		err := call("Mailbox/get", map[string]any{"accountId": account}, &got)
		for _, m := range got.List {
			if m.HasRole(role) {
				return m.Id, err
			}
		}
		return "", fmt.Errorf("%s has no %s: %w", account, role, err)
	}
	inbox, err := box("a", jmap.RoleInbox)
	if err != nil {
		return err
	}
	archive, err := box("b", jmap.RoleArchive)
	if err != nil {
		return err
	}
	var found struct{ Ids []jmap.Id }
	if err := call("Email/query", map[string]any{"accountId": "a", "filter": map[string]any{"inMailbox": inbox}}, &found); err != nil {
		return err
	}
	create := map[string]any{}
	for i, id := range found.Ids {
		create[fmt.Sprint("k", i)] = map[string]any{"id": id, "mailboxIds": map[jmap.Id]bool{archive: true}}
	}
	var copied struct{ NotCreated map[string]any }
	err = call("Email/copy", map[string]any{"fromAccountId": "a", "accountId": "b", "create": create, "onSuccessDestroyOriginal": true}, &copied)
	if err != nil || len(copied.NotCreated) > 0 {
		return fmt.Errorf("not copied: %v, %w", copied.NotCreated, err)
	}
	fmt.Println("moved")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// start starts the process; moved is closed when it says that it is done.
func (j moveJob) start(t *testing.T) (moved <-chan bool, kill func()) {
	t.Helper()
	raw, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), moveVariable+"="+string(raw)), os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // it ends when this test does
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		_, _ = bufio.NewReader(out).ReadString('\n')
	}()
	kill = func() {
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait() // by a signal
	}
	t.Cleanup(kill)
	return done, kill
}

// gate stands in front of an IMAP server, and lets nothing more through once a command is
// said, "UID STORE", or has been answered, "UID STORE done".
type gate struct {
	to      int // port
	reached chan bool

	mu sync.Mutex
	at string // guarded by mu; "": it is open
}

func (g *gate) set(at string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at = at
}

// shuts reports whether it shuts here, and says so.
func (g *gate) shuts(at string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.at != at || at == "" {
		return false
	}
	select {
	case g.reached <- true:
	default:
	}
	return true
}

func (g *gate) serve(client net.Conn) {
	server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(g.to)))
	if err != nil {
		return
	}
	defer server.Close()
	var mu sync.Mutex
	said := map[string]string{} // commands by tag
	answers := make(chan bool)
	go func() {
		defer close(answers)
		defer client.Close()
		for r := bufio.NewReader(server); ; {
			line, err := r.ReadString('\n')
			tag, _, _ := strings.Cut(line, " ")
			mu.Lock()
			command := said[tag]
			mu.Unlock()
			if err != nil {
				return
			}
			if command != "" && g.shuts(command+" done") {
				_, _ = io.Copy(io.Discard, r)
				return
			}
			if _, err := io.WriteString(client, line); err != nil {
				return
			}
		}
	}()
	for r := bufio.NewReader(client); ; {
		line, err := r.ReadString('\n')
		words := strings.Fields(line)
		if len(words) > 2 {
			command := words[1]
			if command == "UID" {
				command += " " + words[2]
			}
			mu.Lock()
			said[words[0]] = command
			mu.Unlock()
			if g.shuts(command) {
				_, _ = io.Copy(io.Discard, r)
				break
			}
		}
		if err != nil {
			break
		}
		if _, err := io.WriteString(server, line); err != nil {
			break
		}
	}
	_ = server.Close()
	<-answers
}

// TestMoveKilled: a process that moves a message from one account to another is killed
// (SIGKILL) at each step, and told to do it again. The message is never lost, and at worst
// there is one copy too many: where the first was filed and nobody was told.
func TestMoveKilled(t *testing.T) {
	srv := dovecot.Start(t, dovecot.Options{})
	imap := srv.IMAP("", upstream.None).Port
	raw := []byte("From: ada@hearth.test\r\nSubject: once\r\nMessage-ID: <once@hearth.test>\r\n\r\nOnce.\r\n")
	for i, c := range []struct {
		from, to string // "imap" or "pop3"
		source   string // where the source's server stops
		target   string // where the target's does
		most     int    // copies in the end
	}{
		{"imap", "imap", "UID FETCH", "", 1},
		{"imap", "imap", "", "APPEND", 1},
		{"imap", "imap", "", "APPEND done", 2},
		{"imap", "imap", "UID STORE", "", 2},
		{"imap", "imap", "UID STORE done", "", 2},
		{"imap", "imap", "UID EXPUNGE", "", 2},
		{"imap", "imap", "UID EXPUNGE done", "", 1},
		{"pop3", "imap", "", "APPEND", 1},
		{"pop3", "imap", "", "APPEND done", 2},
		{"imap", "pop3", "UID STORE", "", 2},
		{"imap", "pop3", "UID EXPUNGE done", "", 1},
	} {
		t.Run(fmt.Sprintf("%s to %s, %s%s", c.from, c.to, c.source, c.target), func(t *testing.T) {
			t.Parallel()
			reached := make(chan bool, 1)
			gates := map[bool]*gate{true: {to: imap, reached: reached, at: c.source}, false: {to: imap, reached: reached, at: c.target}}
			j := moveJob{Dir: t.TempDir(), From: end{User: fmt.Sprintf("from%d", i)}, To: end{User: fmt.Sprintf("to%d", i)}}
			if c.from == "imap" {
				j.From.IMAP = dialertest.Listen(t, gates[true].serve)
			}
			if c.to == "imap" {
				j.To.IMAP = dialertest.Listen(t, gates[false].serve)
			}
			db, err := database.Open(j.Dir)
			if err != nil {
				t.Fatal(err)
			}
			migrate(t, db)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			direct := func(e end, dir string, do func(upstream.Store)) {
				t.Helper()
				if e.IMAP != 0 {
					e.IMAP = imap
				}
				s := j.store(e, dir)
				defer s.Close()
				do(s)
			}
			count := func(e end, dir, mailbox string) (n int) {
				direct(e, dir, func(s upstream.Store) {
					snap, err := s.Sync(t.Context(), mailbox, upstream.Known{})
					if err != nil {
						t.Fatal(err)
					}
					n = snap.UIDs.Len()
				})
				return n
			}
			direct(j.From, "a", func(s upstream.Store) {
				if _, _, err := s.Append(t.Context(), "INBOX", upstream.NewMessage{Size: int64(len(raw)), Body: bytes.NewReader(raw)}); err != nil {
					t.Fatal(err)
				}
			})
			_, kill := j.start(t)
			select {
			case <-reached:
			case <-time.After(30 * time.Second):
				t.Error("it did not get there")
			}
			kill()
			if there, here := count(j.From, "a", "INBOX"), count(j.To, "b", "Archive"); there+here < 1 || there > 1 || here > 1 {
				t.Errorf("%d are in the one account, %d in the other", there, here)
			}
			gates[true].set("")
			gates[false].set("")
			moved, kill := j.start(t)
			<-moved
			kill()
			if there, here := count(j.From, "a", "INBOX"), count(j.To, "b", "Archive"); there != 0 || here < 1 || here > c.most {
				t.Errorf("in the end %d are in the one account, %d in the other", there, here)
			}
		})
	}
}
