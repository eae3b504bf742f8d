// Package demo is a whole mail provider in the process: IMAP and SMTP on loopback
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
	IMAP, SMTP string

	imap  *imapserver.Server
	smtp  *smtp.Server
	users map[string]*imapmemserver.User // by address
	done  chan error
}

// Start starts the provider; its mailboxes are filled when it returns.
func Start(ctx context.Context) (*Provider, error) {
	p := &Provider{users: map[string]*imapmemserver.User{}, done: make(chan error, 2)}
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
	var listen net.ListenConfig
	imapListener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	smtpListener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, imapListener.Close())
	}
	p.IMAP, p.SMTP = imapListener.Addr().String(), smtpListener.Addr().String()
	go func() { p.done <- p.imap.Serve(imapListener) }()
	go func() { p.done <- p.smtp.Serve(smtpListener) }()
	return p, nil
}

// quiet: what goes wrong in a demo connection is the client's to tell.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// Close stops the provider.
func (p *Provider) Close() error {
	err := errors.Join(p.imap.Close(), p.smtp.Close())
	<-p.done
	<-p.done
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
