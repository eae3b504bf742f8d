package demo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	// maxCommand is how long a line may be: RFC 2449 §4 asks for 255 octets.
	maxCommand = 1024
	// RFC 1939 §3 asks for at least 10 minutes.
	pop3Idle = 10 * time.Minute
)

// popServer gives a member's INBOX by POP3 (RFC 1939, 2449). It is a client of the
// provider's own IMAP server, so both show the same mail.
type popServer struct {
	imap string
	work sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener      // guarded by mu
	conns    map[net.Conn]bool // guarded by mu
	locked   map[string]bool   // maildrops in use; guarded by mu
	closed   bool              // guarded by mu
}

func newPOP3(imapAddr string) *popServer {
	return &popServer{imap: imapAddr, conns: map[net.Conn]bool{}, locked: map[string]bool{}}
}

// Serve answers until Close.
func (s *popServer) Serve(l net.Listener) error {
	s.mu.Lock()
	s.listener = l
	s.mu.Unlock()
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			s.work.Wait()
			return nil
		}
		if err != nil {
			return err
		}
		if !s.keep(c) {
			_ = c.Close()
			continue
		}
		s.work.Go(func() {
			defer s.drop(c)
			(&popSession{server: s, conn: c, in: bufio.NewReaderSize(c, maxCommand), out: bufio.NewWriter(c)}).run()
		})
	}
}

func (s *popServer) keep(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = true
	return !s.closed
}

func (s *popServer) drop(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	_ = c.Close()
}

// Close ends all sessions.
func (s *popServer) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close()
	}
	if s.listener == nil {
		return nil
	}
	return s.listener.Close()
}

// lock takes a maildrop for one session; false when another has it.
func (s *popServer) lock(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	free := !s.locked[user]
	s.locked[user] = true
	return free
}

func (s *popServer) unlock(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.locked, user)
}

// popMessage is one message of the maildrop as it was at the beginning.
type popMessage struct {
	uid     imap.UID
	size    int64
	deleted bool
}

// popSession is one connection.
type popSession struct {
	server *popServer
	conn   net.Conn
	in     *bufio.Reader
	out    *bufio.Writer

	user     string
	mail     *imapclient.Client // nil until signed in
	validity uint32
	messages []popMessage
}

func (s *popSession) run() {
	defer s.leave()
	s.say("+OK Hearthmail demo")
	for s.out.Flush() == nil {
		_ = s.conn.SetDeadline(time.Now().Add(pop3Idle))
		line, err := s.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			s.say("-ERR the line is too long")
			_ = s.out.Flush()
			return
		}
		if err != nil {
			return // without QUIT nothing is deleted (RFC 1939 §6)
		}
		verb, args, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
		if verb = strings.ToUpper(verb); verb == "QUIT" {
			s.quit()
			return
		}
		if err := s.command(verb, args); err != nil {
			s.say("-ERR " + err.Error())
		}
	}
}

func (s *popSession) say(line string) { _, _ = s.out.WriteString(line + "\r\n") } // Flush tells

func (s *popSession) leave() {
	if s.mail != nil {
		_ = s.mail.Close()
		s.server.unlock(s.user)
	}
	_ = s.out.Flush()
}

var (
	errPOP3State   = errors.New("not now")
	errPOP3Message = errors.New("no such message")
)

func (s *popSession) command(verb, args string) error {
	switch verb {
	case "CAPA":
		s.say("+OK\r\nUSER\r\nTOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nEXPIRE NEVER\r\nIMPLEMENTATION Hearthmail-demo\r\n.")
		return nil
	case "NOOP":
		s.say("+OK")
		return nil
	case "USER", "PASS":
		return s.signIn(verb, args)
	}
	if s.mail == nil {
		return errPOP3State
	}
	switch verb {
	case "STAT":
		count, size := 0, int64(0)
		for _, m := range s.messages {
			if !m.deleted {
				count, size = count+1, size+m.size
			}
		}
		s.say(fmt.Sprintf("+OK %d %d", count, size))
		return nil
	case "LIST":
		return s.list(args, func(m *popMessage) string { return strconv.FormatInt(m.size, 10) })
	case "UIDL":
		return s.list(args, func(m *popMessage) string { return fmt.Sprintf("%d-%d", s.validity, m.uid) })
	case "RETR", "TOP":
		return s.retrieve(verb, args)
	case "DELE":
		m, err := s.message(args)
		if err == nil {
			m.deleted = true
			s.say("+OK")
		}
		return err
	case "RSET":
		for i := range s.messages {
			s.messages[i].deleted = false
		}
		s.say("+OK")
		return nil
	}
	return errors.New("no such command")
}

func (s *popSession) signIn(verb, args string) error {
	switch {
	case s.mail != nil:
		return errPOP3State
	case verb == "USER":
		s.user = args
		s.say("+OK")
		return nil
	case s.user == "" || strings.ContainsAny(s.user+args, "\x00"):
		return errPOP3State
	}
	c, err := imapclient.DialInsecure(s.server.imap, nil)
	if err != nil {
		return errors.New("[SYS/TEMP] the mail is out of reach")
	}
	if c.Login(s.user, args).Wait() != nil {
		_ = c.Close()
		return errors.New("[AUTH] wrong name or password")
	}
	if !s.server.lock(s.user) {
		_ = c.Close()
		return errors.New("[IN-USE] another session reads this mail")
	}
	s.mail = c
	if err := s.load(); err != nil {
		return errors.New("[SYS/TEMP] the mail cannot be read")
	}
	s.say(fmt.Sprintf("+OK %d messages", len(s.messages)))
	return nil
}

func (s *popSession) load() error {
	box, err := s.mail.Select("INBOX", nil).Wait()
	if err != nil || box.NumMessages == 0 {
		return err
	}
	s.validity = box.UIDValidity
	found, err := s.mail.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	for _, m := range found {
		s.messages = append(s.messages, popMessage{uid: m.UID, size: m.RFC822Size})
	}
	return err
}

// message finds a message by its number, from 1.
func (s *popSession) message(number string) (*popMessage, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(s.messages) || s.messages[n-1].deleted {
		return nil, errPOP3Message
	}
	return &s.messages[n-1], nil
}

// list answers LIST and UIDL, of one message or of all.
func (s *popSession) list(args string, about func(*popMessage) string) error {
	if args != "" {
		m, err := s.message(args)
		if err == nil {
			s.say("+OK " + args + " " + about(m))
		}
		return err
	}
	s.say("+OK")
	for i := range s.messages {
		if !s.messages[i].deleted {
			s.say(strconv.Itoa(i+1) + " " + about(&s.messages[i]))
		}
	}
	s.say(".")
	return nil
}

// retrieve answers RETR with a whole message, and TOP with its header and some lines.
func (s *popSession) retrieve(verb, args string) error {
	number, count, top := strings.Cut(args, " ")
	most := -1
	if verb == "TOP" {
		var err error
		if most, err = strconv.Atoi(count); !top || err != nil || most < 0 {
			return errors.New("TOP wants a message and a number of lines")
		}
	}
	m, err := s.message(number)
	if err != nil {
		return err
	}
	all := &imap.FetchItemBodySection{Peek: true}
	found, err := s.mail.Fetch(imap.UIDSetNum(m.uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{all}}).Collect()
	if err != nil || len(found) != 1 {
		return errPOP3Message
	}
	s.say("+OK")
	s.text(found[0].FindBodySection(all), most)
	return nil
}

// text writes lines with dots doubled (RFC 1939 §3), at most this many of the body.
func (s *popSession) text(raw []byte, most int) {
	body := false
	for line := range bytes.Lines(raw) {
		line = bytes.TrimRight(line, "\r\n")
		if body && most == 0 {
			break
		}
		if body && most > 0 {
			most--
		}
		body = body || len(line) == 0
		if bytes.HasPrefix(line, []byte(".")) {
			_ = s.out.WriteByte('.')
		}
		s.say(string(line))
	}
	s.say(".")
}

// quit deletes what was asked for, and only now (RFC 1939 §6).
func (s *popSession) quit() {
	var gone []imap.UID
	for _, m := range s.messages {
		if m.deleted {
			gone = append(gone, m.uid)
		}
	}
	if len(gone) > 0 {
		set := imap.UIDSetNum(gone...)
		err := s.mail.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
		if err == nil {
			err = s.mail.UIDExpunge(set).Close()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			s.say("-ERR some messages were not deleted")
			return
		}
	}
	s.say("+OK")
}
