// Package clienttest is a small JMAP server in memory for tests of the app: one
// account, mailboxes, emails, a journal for /changes, and knobs to lose answers,
// refuse changes and forget the journal.
package clienttest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// AccountId is the one account.
const AccountId = jmap.Id("a")

// Server answers JMAP.
type Server struct {
	// Push gets what changed after each request that changed something; may be nil.
	Push func(jmap.StateChange)
	// Before is asked before a request is worked on: an error means that it never
	// arrived. May block.
	Before func(*jmap.Request) error
	// After is asked before the answer leaves: an error means that it is lost.
	// May block.
	After func(*jmap.Request) error
	// RefuseSet refuses a change of an email or a creation; nil error: accepted.
	RefuseSet func(id jmap.Id) *jmap.SetError
	// Quotas are the limits of the account; nil: the session knows no limits.
	Quotas []jmap.Quota
	// Holds makes it a bridge as far as sending goes: messages can be held back (see
	// Release), and each is taken once.
	Holds bool
	// FailMethod fails a call.
	FailMethod func(name string) *jmap.MethodError

	mu        sync.Mutex
	requests  []*jmap.Request
	mailboxes map[jmap.Id]*jmap.Mailbox
	emails    map[jmap.Id]*jmap.Email
	byDate    map[jmap.Id][]jmap.Id // mailbox to its emails, newest first; nil: sort again
	journal   []change
	since     int // journal entries before this one are forgotten
	next      int
	sent      []jmap.Email
	outbox    []*submission
}

type change struct {
	kind string // Email, Mailbox
	id   jmap.Id
	op   byte // c, u, d
}

// New makes a server with the usual mailboxes; their ids are their roles.
func New() *Server {
	s := &Server{mailboxes: map[jmap.Id]*jmap.Mailbox{}, emails: map[jmap.Id]*jmap.Email{}, byDate: map[jmap.Id][]jmap.Id{}}
	for _, role := range []string{"inbox", "drafts", "sent", "archive", "junk", "trash"} {
		s.mailboxes[jmap.Id(role)] = &jmap.Mailbox{Id: jmap.Id(role), Name: role, Role: &role}
	}
	return s
}

// Session is the session of the account.
func (s *Server) Session() *jmap.Session {
	session := &jmap.Session{
		Capabilities: map[string]json.RawMessage{
			jmap.CapabilityCore: json.RawMessage(`{"maxSizeUpload":100000000}`), jmap.CapabilityMail: json.RawMessage(`{}`),
			jmap.CapabilitySubmission: json.RawMessage(`{}`), jmap.CapabilityBlob: json.RawMessage(`{}`),
		},
		Accounts: map[jmap.Id]jmap.Account{AccountId: {
			Name: "ada@example.org", IsPersonal: true,
			AccountCapabilities: map[string]json.RawMessage{
				jmap.CapabilityBlob: json.RawMessage(`{}`),
				jmap.CapabilityMail: json.RawMessage(`{"emailQuerySortOptions":["receivedAt","hasKeyword","subject"]}`),
			},
		}},
		PrimaryAccounts: map[string]jmap.Id{jmap.CapabilityMail: AccountId},
	}
	if s.Holds {
		session.Capabilities[jmap.CapabilityBridge] = json.RawMessage(`{}`)
		can := session.Accounts[AccountId].AccountCapabilities
		can[jmap.CapabilityBridge], can[jmap.CapabilitySubmission] = json.RawMessage(`{}`), json.RawMessage(`{"maxDelayedSend":86400}`)
	}
	if s.Quotas != nil {
		session.Accounts[AccountId].AccountCapabilities[jmap.CapabilityQuota] = json.RawMessage(`{}`)
	}
	return session
}

// Epoch is when the first email came in; each Deliver is a minute later.
var Epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Deliver puts a new email into a mailbox and gives its id. Push is told.
func (s *Server) Deliver(mailbox jmap.Id, subject string) jmap.Id {
	s.mu.Lock()
	e := s.deliver(mailbox, subject)
	s.mu.Unlock()
	s.push()
	return e.Id
}

// Fill puts n emails into a mailbox, quietly.
func (s *Server) Fill(mailbox jmap.Id, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range n {
		s.deliver(mailbox, fmt.Sprintf("Message %d", i))
	}
	s.journal = nil
}

func (s *Server) deliver(mailbox jmap.Id, subject string) *jmap.Email {
	name := "Grace"
	e := &jmap.Email{
		Subject: subject, MailboxIds: map[jmap.Id]bool{mailbox: true}, Keywords: map[string]bool{},
		From: []jmap.EmailAddress{{Name: &name, Email: "grace@example.org"}}, Preview: "…",
		TextBody:   []jmap.EmailBodyPart{{PartId: "1", Type: "text/plain"}},
		BodyValues: map[string]jmap.EmailBodyValue{"1": {Value: "Hello\n"}},
	}
	s.add(e)
	return e
}

func (s *Server) add(e *jmap.Email) {
	s.next++
	e.Id = jmap.Id(fmt.Sprintf("m%d", s.next))
	e.BlobId, e.ThreadId = "b"+e.Id, "t"+e.Id
	e.ReceivedAt = Epoch.Add(time.Duration(s.next) * time.Minute)
	s.emails[e.Id] = e
	s.note("Email", e.Id, 'c')
	for id := range e.MailboxIds {
		delete(s.byDate, id)
		s.note("Mailbox", id, 'u')
	}
}

func (s *Server) note(kind string, id jmap.Id, op byte) {
	s.journal = append(s.journal, change{kind, id, op})
}

// Change changes an email as another client would. Push is told.
func (s *Server) Change(id jmap.Id, patch jmap.PatchObject) {
	s.mu.Lock()
	s.update(id, patch)
	s.mu.Unlock()
	s.push()
}

// Destroy destroys an email as another client would. Push is told.
func (s *Server) Destroy(id jmap.Id) {
	s.mu.Lock()
	s.destroy(id)
	s.mu.Unlock()
	s.push()
}

// Forget makes states before now useless: cannotCalculateChanges.
func (s *Server) Forget() {
	s.mu.Lock()
	s.note("", "", 0)
	s.since = len(s.journal)
	s.mu.Unlock()
}

// Email is an email as the server has it, nil if it has not.
func (s *Server) Email(id jmap.Id) *jmap.Email {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.emails[id]; e != nil {
		c := *e
		return &c
	}
	return nil
}

// Mailbox are the emails of a mailbox, newest first.
func (s *Server) Mailbox(id jmap.Id) []jmap.Id {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sorted(id))
}

// Sent are the emails that were submitted.
func (s *Server) Sent() []jmap.Email {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Requests gives the calls of each request so far as "Name Name …", and forgets them.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, r := range s.requests {
		var names []string
		for _, c := range r.MethodCalls {
			names = append(names, c.Name)
		}
		all = append(all, strings.Join(names, " "))
	}
	s.requests = nil
	return all
}

func (s *Server) state() jmap.State { return jmap.State(fmt.Sprint(len(s.journal))) }

func (s *Server) push() {
	s.mu.Lock()
	state, push := s.state(), s.Push
	s.mu.Unlock()
	if push != nil {
		push(jmap.StateChange{Changed: map[jmap.Id]map[string]jmap.State{AccountId: {"Email": state, "Mailbox": state}}})
	}
}

func (s *Server) sorted(mailbox jmap.Id) []jmap.Id {
	if list, ok := s.byDate[mailbox]; ok {
		return list
	}
	list := []jmap.Id{}
	for id, e := range s.emails {
		if mailbox == "" || e.MailboxIds[mailbox] {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(a, b jmap.Id) int {
		return cmp.Or(s.emails[b].ReceivedAt.Compare(s.emails[a].ReceivedAt), cmp.Compare(b, a))
	})
	s.byDate[mailbox] = list
	return list
}

// ErrLost is what a lost answer looks like.
var ErrLost = errors.New("connection lost")

// Call answers a request.
func (s *Server) Call(ctx context.Context, req *jmap.Request) (*jmap.Response, error) {
	if s.Before != nil {
		if err := s.Before(req); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.requests = append(s.requests, req)
	before := len(s.journal)
	resp := s.work(req)
	changed := len(s.journal) > before
	s.mu.Unlock()
	if changed {
		s.push()
	}
	if s.After != nil {
		if err := s.After(req); err != nil {
			return nil, err
		}
	}
	return resp, ctx.Err()
}

var _ jmap.Caller = (*Server)(nil)
