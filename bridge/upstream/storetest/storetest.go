// Package storetest is the suite that every upstream.Store passes: what the
// interface promises, as tests. It is for tests only.
//
// Each test gets an account of its own, so the suite says nothing about what a
// server does with what is there already.
package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Account is an account whose mailboxes are empty, and what a test can do with it.
type Account struct {
	Store upstream.Store // closed by the suite
	// Deliver puts a message into INBOX behind the Store's back, as a mail server
	// does.
	Deliver func(t *testing.T, raw []byte)
	// Other opens another Store on the same account, as another device would have;
	// nil where there can be only one.
	Other func(t *testing.T) upstream.Store
	// Renumber empties a mailbox behind the Store's back and gives it another
	// UIDVALIDITY; nil where that cannot be.
	Renumber func(t *testing.T, mailbox string)
}

// Run runs the suite; open gives an account nobody has used.
func Run(t *testing.T, open func(t *testing.T) Account) {
	for _, tests := range [][]test{mailboxTests, syncTests, walkTests, rowTests, readTests, searchTests, writeTests, appendTests, uidValidityTests, watchTests, lifeTests} {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				a := open(t)
				t.Cleanup(func() { _ = a.Store.Close() }) // some tests close it
				test.run(&env{T: t, Account: a})
			})
		}
	}
}

type test struct {
	name string
	run  func(e *env)
}

// patience is how long anything may take; nothing waits for it to pass.
const patience = 30 * time.Second

// env is one test at work.
type env struct {
	*testing.T
	Account
}

// letter is a small message with a subject and more header fields.
func letter(subject string, fields ...string) []byte {
	lines := append([]string{
		"From: Ada Lovelace <ada@example.org>",
		"To: grace@example.org",
		"Date: Mon, 05 Jan 2026 10:00:00 +0100",
		"Message-ID: <" + strings.ReplaceAll(subject, " ", "-") + "@example.org>",
		"Subject: " + subject,
	}, fields...)
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\nDear Grace,\r\nthis is about " + subject + ".\r\n")
}

// filing is a message to be filed.
func filing(raw []byte, keywords ...string) upstream.NewMessage {
	m := upstream.NewMessage{Body: strings.NewReader(string(raw)), Size: int64(len(raw)), Keywords: map[string]bool{}}
	for _, k := range keywords {
		m.Keywords[k] = true
	}
	return m
}

// put files a message and gives its UID, also where the server does not tell.
func (e *env) put(mailbox string, raw []byte, keywords ...string) uint32 {
	e.Helper()
	before := e.sync(mailbox).UIDs
	_, uid, err := e.Store.Append(e.Context(), mailbox, filing(raw, keywords...))
	e.must(err)
	if uid != 0 {
		return uid
	}
	came := e.sync(mailbox).UIDs.Minus(before)
	if came.Len() != 1 {
		e.Fatalf("one message was filed and %d came", came.Len())
	}
	return came.At(0)
}

// fill puts n messages into INBOX, in order.
func (e *env) fill(n int) []uint32 {
	e.Helper()
	uids := make([]uint32, n)
	for i := range uids {
		uids[i] = e.put("INBOX", letter(fmt.Sprintf("message %d", i+1)))
	}
	return uids
}

func (e *env) sync(mailbox string) *upstream.Snapshot {
	e.Helper()
	snap, err := e.Store.Sync(e.Context(), mailbox, upstream.Known{})
	e.must(err)
	return snap
}

func (e *env) ref(mailbox string) upstream.MailboxRef {
	e.Helper()
	return upstream.MailboxRef{Name: mailbox, UIDValidity: e.sync(mailbox).UIDValidity}
}

// row reads the row of a message that must be there.
func (e *env) row(mb upstream.MailboxRef, uid uint32) upstream.Row {
	e.Helper()
	rows, err := e.Store.Rows(e.Context(), mb, []uint32{uid})
	e.must(err)
	if len(rows) != 1 || rows[0].UID != uid {
		e.Fatalf("asked for the row of %d, got %d rows: %+v", uid, len(rows), rows)
	}
	return rows[0]
}

// has fails unless a mailbox has exactly these messages.
func (e *env) has(mailbox string, want ...uint32) {
	e.Helper()
	if got := e.sync(mailbox).UIDs.All(); !slices.Equal(got, upstream.NewUIDSet(want...).All()) {
		e.Errorf("%s has %v, not %v", mailbox, got, want)
	}
}

// keywords fails unless a message has exactly these keywords.
func (e *env) keywords(mb upstream.MailboxRef, uid uint32, want ...string) {
	e.Helper()
	e.sameKeywords(e.row(mb, uid).Keywords, want...)
}

func (e *env) sameKeywords(set map[string]bool, want ...string) {
	e.Helper()
	got := slices.Sorted(maps.Keys(set))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		e.Errorf("keywords are %q, not %q", got, want)
	}
}

func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// other is another Store on the account; the test ends where there is none.
func (e *env) other() upstream.Store {
	e.Helper()
	if e.Other == nil {
		e.Skip("one Store is all an account of this kind can have")
	}
	s := e.Other(e.T)
	e.Cleanup(func() { _ = s.Close() })
	return s
}

// eventually asks again until it is so.
func (e *env) eventually(what string, so func() bool) {
	e.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			e.Fatalf("in vain: %s", what)
		}
	}
}

// timeout is a context for what must not take long.
func (e *env) timeout() context.Context {
	ctx, cancel := context.WithTimeout(e.Context(), patience)
	e.Cleanup(cancel)
	return ctx
}

// mailbox finds a mailbox of a role, or makes one.
func (e *env) mailbox(role, name string) string {
	e.Helper()
	all, err := e.Store.Mailboxes(e.Context())
	e.must(err)
	for _, m := range all {
		if m.Role == role && role != "" {
			return m.Name
		}
	}
	e.must(e.Store.CreateMailbox(e.Context(), name, role))
	return name
}

func (e *env) archive() string { return e.mailbox(jmap.RoleArchive, "Archive") }

// delimiter is between the levels of a mailbox's name; "" where there are none.
func (e *env) delimiter() string {
	e.Helper()
	all, err := e.Store.Mailboxes(e.Context())
	e.must(err)
	return all[0].Delimiter
}
