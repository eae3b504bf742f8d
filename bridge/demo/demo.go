// Package demo is a whole mail provider in the process: IMAP, POP3 and SMTP on loopback
// ports, with two people who have been writing to each other for a while. It is for
// trying Hearthmail and for fast tests; it forgets everything when it stops.
package demo

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Person is somebody with an account at the provider.
type Person struct{ Name, Address, Password string }

var people = []Person{
	{"Ada Lovelace", "ada@demo.test", "demo"},
	{"Grace Hopper", "grace@demo.test", "demo"},
}

// People lists who has an account.
func People() []Person { return people }

// Provider is a running demo mail provider. The addresses are host:port on
// loopback; nothing is encrypted.
type Provider struct {
	IMAP, POP3, SMTP string

	imap  *imapserver.Server
	pop3  *popServer
	smtp  *smtp.Server
	users map[string]*imapmemserver.User // by address
	done  chan error
}

// Start starts the provider; its mailboxes are filled when it returns.
func Start(ctx context.Context) (*Provider, error) {
	p := &Provider{users: map[string]*imapmemserver.User{}, done: make(chan error, 3)}
	mem := imapmemserver.New()
	for _, person := range people {
		u := imapmemserver.NewUser(person.Address, person.Password)
		p.users[person.Address] = u
		mem.AddUser(u)
		if err := fill(u, person, time.Now()); err != nil {
			return nil, err
		}
	}
	p.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapNamespace: {}, imap.CapUIDPlus: {}, imap.CapESearch: {},
			imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapMove: {}, imap.CapIdle: {},
		},
		InsecureAuth: true,
		Logger:       quiet{},
	})
	p.smtp = newSMTP(p)
	var listeners []net.Listener
	for range 3 {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			for _, l := range listeners {
				err = errors.Join(err, l.Close())
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	p.IMAP, p.POP3, p.SMTP = listeners[0].Addr().String(), listeners[1].Addr().String(), listeners[2].Addr().String()
	p.pop3 = newPOP3(p.IMAP)
	go func() { p.done <- p.imap.Serve(listeners[0]) }()
	go func() { p.done <- p.pop3.Serve(listeners[1]) }()
	go func() { p.done <- p.smtp.Serve(listeners[2]) }()
	return p, nil
}

// quiet: what goes wrong in a demo connection is the client's to tell.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// Close stops the provider.
func (p *Provider) Close() error {
	err := errors.Join(p.pop3.Close(), p.imap.Close(), p.smtp.Close())
	for range 3 {
		<-p.done
	}
	return err
}

// Deliver puts a message into somebody's inbox, as if it had just arrived.
func (p *Provider) Deliver(address string, raw []byte) error {
	u, ok := p.users[address]
	if !ok {
		return errors.New("nobody has the address " + address)
	}
	_, err := u.Append("INBOX", literal(raw), &imap.AppendOptions{Time: time.Now()})
	return err
}
