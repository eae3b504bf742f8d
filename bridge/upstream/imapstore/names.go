package imapstore

import (
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"

	"github.com/hearthmail/hearthmail/bridge/upstream/imapwire"
)

// names is how the mailboxes' names that we show stand to those the server knows.
// The prefix of the account's own namespace (RFC 2342), INBOX. with some servers, is not
// shown.
type names struct {
	mu     sync.Mutex
	known  bool              // guarded by mu: the server has said where mailboxes are
	prefix string            // guarded by mu: of the account's own
	others []string          // guarded by mu: prefixes of others'
	odd    map[string]string // guarded by mu: names that must be said as they came
}

// settle takes what the server answered to NAMESPACE.
func (n *names) settle(c *conn, d *imap.NamespaceData) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = true
	if d == nil || len(d.Personal) == 0 {
		return
	}
	n.prefix, _ = c.DecodeName(d.Personal[0].Prefix)
	n.others = nil
	for _, list := range [][]imap.NamespaceDescriptor{d.Personal[1:], d.Other, d.Shared} {
		for _, one := range list {
			if prefix, _ := c.DecodeName(one.Prefix); prefix != "" {
				n.others = append(n.others, prefix)
			}
		}
	}
}

// locate waits for the answer to NAMESPACE, if this connection has asked and nobody
// knows it yet.
func (c *conn) locate() error {
	asked := c.asked
	if asked == nil {
		return nil
	}
	c.asked = nil
	if err := asked.Wait(); err != nil && c.Err() != nil {
		return err
	}
	c.names.settle(c, asked.Data)
	return nil
}

// shown gives the name of a mailbox as we show it.
func (c *conn) shown(wire string) string {
	name, _ := c.DecodeName(wire)
	if strings.EqualFold(name, "INBOX") {
		return "INBOX"
	}
	c.names.mu.Lock()
	defer c.names.mu.Unlock()
	return c.names.strip(name)
}

func (n *names) strip(name string) string {
	if len(name) <= len(n.prefix) || !strings.EqualFold(name[:len(n.prefix)], n.prefix) {
		return name
	}
	rest := name[len(n.prefix):]
	if strings.EqualFold(rest, "INBOX") {
		return name
	}
	return rest
}

// wire gives the name of a mailbox as the server knows it.
func (c *conn) wire(name string) (string, error) {
	if name == "INBOX" {
		return name, nil
	}
	if err := c.locate(); err != nil {
		return "", err
	}
	c.names.mu.Lock()
	defer c.names.mu.Unlock()
	if odd, ok := c.names.odd[name]; ok {
		return odd, nil
	}
	return c.EncodeName(c.names.full(name)), nil
}

func (n *names) full(name string) string {
	for _, prefix := range n.others {
		if strings.HasPrefix(name, prefix) || name+prefix[len(prefix)-1:] == prefix {
			return name
		}
	}
	return n.prefix + name
}

// learn takes note of the names the server listed.
func (c *conn) learn(found []*imapwire.Mailbox) {
	odd := map[string]string{}
	for _, m := range found {
		name := c.shown(m.Wire)
		c.names.mu.Lock()
		if _, twice := odd[name]; !twice && name != "INBOX" && c.EncodeName(c.names.full(name)) != m.Wire {
			odd[name] = m.Wire
		}
		c.names.mu.Unlock()
	}
	c.names.mu.Lock()
	c.names.odd = odd
	c.names.mu.Unlock()
}

func (n *names) isKnown() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known
}
