package imapstore

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dialer/dialertest"
)

// liar is a server that says what a test tells it to. Answers are by the beginning
// of a command; TAG stands for its tag. What is not in answers is answered as an
// honest server would.
type liar struct {
	greeting string // "" for an honest one
	caps     string // "" for an honest set
	answers  map[string]string
	room     int // connections there may be at once; 0: any number

	port int
	mu   sync.Mutex
	said []string // guarded by mu: the commands that came
	n    int      // guarded by mu: connections
	now  int      // guarded by mu: those that are there
}

// What an answer can end with.
const (
	sayNothing = "SILENCE" // nothing more, until the client hangs up
	hangUp     = "HANGUP"
)

var honest = map[string]string{
	"CAPABILITY": "* CAPABILITY CAPS\r\nTAG OK done\r\n",
	"LOGIN":      "TAG OK [CAPABILITY CAPS] done\r\n",
	"NOOP":       "TAG OK done\r\n",
	"SUBSCRIBE":  "TAG OK done\r\n",
	"CREATE":     "TAG OK done\r\n",
	"SELECT": "* 3 EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Deleted)\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] x\r\n" +
		"* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nTAG OK [READ-WRITE] done\r\n",
	"LIST":       "* LIST () \"/\" INBOX\r\nTAG OK done\r\n",
	"STATUS":     "* STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 10 UIDVALIDITY 7)\r\nTAG OK done\r\n",
	"UID SEARCH": "* SEARCH 1 2 3\r\nTAG OK done\r\n",
	"UID FETCH":  "TAG OK done\r\n",
	"UID STORE":  "TAG OK done\r\n",
	"UID COPY":   "TAG OK [COPYUID 8 1:3 11:13] done\r\n",
	"UID MOVE":   "* OK [COPYUID 8 1:3 11:13] x\r\nTAG OK done\r\n",
}

var inbox7 = upstream.MailboxRef{Name: "INBOX", UIDValidity: 7}

func (l *liar) start(t *testing.T) *liar {
	l.port = dialertest.Listen(t, l.serve)
	return l
}

func (l *liar) serve(conn net.Conn) {
	l.mu.Lock()
	l.n++
	l.now++
	full := l.room > 0 && l.now > l.room
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.now--
		l.mu.Unlock()
	}()
	caps := l.caps
	if caps == "" {
		caps = "IMAP4rev1"
	}
	greeting := l.greeting
	if greeting == "" {
		greeting = "* OK [CAPABILITY CAPS] hello\r\n"
	}
	if full {
		greeting = "* BYE [LIMIT] too many connections\r\n" + hangUp
	}
	fill := strings.NewReplacer("CAPS", caps)
	in := bufio.NewReader(conn)
	if !l.say(conn, in, fill.Replace(greeting)) {
		return
	}
	for {
		line, err := readCommand(in)
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(line, " ")
		l.mu.Lock()
		l.said = append(l.said, command)
		l.mu.Unlock()
		answer := l.answer(command)
		if len(answer) < 1<<20 { // it would take long
			answer = strings.NewReplacer("CAPS", caps, "TAG", tag).Replace(answer)
		}
		if !l.say(conn, in, answer) {
			return
		}
	}
}

// readCommand reads a command with the literals in it that come unasked.
func readCommand(in *bufio.Reader) (string, error) {
	command := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		line = strings.TrimRight(line, "\r\n")
		command += line
		size, literal := strings.CutSuffix(line[strings.LastIndexByte(line, '{')+1:], "+}")
		if !literal {
			return command, nil
		}
		n, err := strconv.Atoi(size)
		if err != nil {
			return "", err
		}
		octets := make([]byte, n)
		if _, err := io.ReadFull(in, octets); err != nil {
			return "", err
		}
		command += " " + strings.Join(strings.Fields(string(octets)), " ")
	}
}

func (l *liar) answer(command string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, answers := range []map[string]string{l.answers, honest} {
		best := ""
		for prefix := range answers {
			if strings.HasPrefix(command, prefix) && len(prefix) > len(best) {
				best = prefix
			}
		}
		if best != "" {
			return answers[best]
		}
	}
	return "TAG BAD what?\r\n"
}

// lie changes an answer from now on.
func (l *liar) lie(command, answer string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[command] = answer
}

// say answers, and reports whether the connection goes on.
func (l *liar) say(conn net.Conn, in *bufio.Reader, answer string) bool {
	answer, end := strings.CutSuffix(answer, hangUp)
	answer, silent := strings.CutSuffix(answer, sayNothing)
	if _, err := conn.Write([]byte(answer)); err != nil || end {
		return false
	}
	if silent {
		_, _ = io.Copy(io.Discard, in)
	}
	return !silent
}

// commands is what came, but for signing in.
func (l *liar) commands() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.said, "\n")
}

func (l *liar) count(command string) int {
	return strings.Count("\n"+l.commands(), "\n"+command)
}

func (l *liar) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

func (l *liar) config(t *testing.T, security upstream.Security) Config {
	return Config{
		Server:   upstream.Server{Host: "127.0.0.1", Port: l.port, Security: security, User: "ada"},
		Password: "secret", Dialer: dialertest.NewAuthority(t).Dialer(t), Silence: time.Second, Poll: time.Hour, compressAll: true,
	}
}

// open signs in to a liar that lets one in.
func (l *liar) open(t *testing.T) *Store {
	t.Helper()
	l.start(t)
	s, err := Open(t.Context(), l.config(t, upstream.None))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
