package imapstore

import (
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

// Extensions without a name of their own in the library.
const (
	capGMail imap.Cap = "X-GM-EXT-1"
	// capGUID stands for Dovecot's FETCH item X-GUID, which it does not advertise.
	capGUID imap.Cap = "X-GUID"
	// capCompress: RFC 4978.
	capCompress imap.Cap = "COMPRESS=DEFLATE"
)

// features is what is known of a server besides what it says of itself.
type features struct {
	mu      sync.Mutex
	untrue  map[imap.Cap]bool // guarded by mu: what it says it can do, and cannot
	dovecot bool              // guarded by mu
}

func (f *features) lies(name imap.Cap) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.untrue[name]
}

// off turns a feature off for this server, or on again.
func (f *features) off(name imap.Cap, off bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.untrue == nil {
		f.untrue = map[imap.Cap]bool{}
	}
	f.untrue[name] = off
}

// identified takes what the server says in answer to ID.
func (f *features) identified(server map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dovecot = f.dovecot || strings.EqualFold(server["name"], "Dovecot")
}

// objectIDs asks for the ids by which the server knows a message wherever it is, in the
// way it knows.
func (c *conn) objectIDs(items imapwire.Items, shared bool) imapwire.Items {
	c.features.mu.Lock()
	dovecot := c.features.dovecot
	c.features.mu.Unlock()
	switch {
	case c.can(imap.CapObjectID):
		items.ObjectIDs = true
	case c.can(capGMail):
		items.GMail = true
	case shared && dovecot && !c.features.lies(capGUID):
		items.GUID = true
		c.used = append(c.used, capGUID)
	}
	return items
}
