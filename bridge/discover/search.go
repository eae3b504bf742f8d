package discover

import (
	"context"
	"errors"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// search is one search for the servers of an address.
type search struct {
	finder                 *Finder
	local, domain, address string
	late                   <-chan struct{} // closed when share has passed
	fetched                <-chan struct{} // closed when autoconfig is there
	autoconfig             outcome[*clientConfig]
}

// found is one server that answered as it should.
type found struct {
	server   upstream.Server
	userForm string
	auth     string
	source   string
}

// try looks for a server in one place.
type try = func(context.Context) (found, error)

// search asks for each protocol in all places at once.
func (f *Finder) search(ctx context.Context, local, domain, address string) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	late, stop := context.WithTimeout(ctx, share)
	defer stop()
	s := &search{finder: f, local: local, domain: domain, address: address, late: late.Done()}
	fetched := make(chan struct{})
	s.fetched = fetched
	go func() {
		defer close(fetched)
		config, err := s.fetchAutoconfig(ctx)
		s.autoconfig = outcome[*clientConfig]{config, err}
	}()

	imap, pop3, smtp := s.start(ctx, imapProtocol), s.start(ctx, pop3Protocol), s.start(ctx, smtpProtocol)
	r := &Result{}
	read := <-imap
	if read.err == nil {
		r.IMAP = &read.value.server
		select {
		case second := <-pop3: // for who wants that instead; it is not waited for
			if second.err == nil {
				r.POP3 = &second.value.server
			}
		default:
		}
	} else {
		noIMAP := read.err
		if read = <-pop3; read.err != nil {
			return nil, errors.Join(noIMAP, read.err)
		}
		r.POP3 = &read.value.server
	}
	from := read.value
	r.UserForm, r.Source = from.userForm, from.source
	if send := <-smtp; send.err == nil {
		r.SMTP, r.SMTPAuth = &send.value.server, send.value.auth
		if send.value.source != from.source {
			r.SMTP.User = from.server.User // the one user name that is known best
		}
	}
	return r, nil
}

type outcome[T any] struct {
	value T
	err   error
}

// start looks for a server of one protocol; the best place comes first.
func (s *search) start(ctx context.Context, p *protocol) <-chan outcome[found] {
	result := make(chan outcome[found], 1)
	go func() {
		f, err := pick(ctx, s.late, s.inAutoconfig(p), s.inSRV(p), s.wellKnown(p))
		result <- outcome[found]{f, err}
	}()
	return result
}

// pick gives what the first of the tries finds that finds anything. All run at
// once; better ones are waited for until late is closed, and then nobody is as
// soon as there is something. It gives up when ctx is done.
func pick[T any](ctx context.Context, late <-chan struct{}, tries ...func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the tries that lost

	type numbered struct {
		i int
		outcome[T]
	}
	outcomes := make(chan numbered, len(tries))
	for i, try := range tries {
		go func() {
			value, err := try(ctx)
			outcomes <- numbered{i, outcome[T]{value, err}}
		}()
	}
	results := make([]*outcome[T], len(tries))
	var none T
	var errs []error
	for isLate := false; ; {
		for _, r := range results {
			if r == nil && !isLate {
				break // a better one may come
			}
			if r != nil && r.err == nil {
				return r.value, nil
			}
		}
		if len(errs) == len(tries) {
			return none, errors.Join(errs...)
		}
		select {
		case o := <-outcomes:
			results[o.i] = &o.outcome
			if o.err != nil {
				errs = append(errs, o.err)
			}
		case <-late:
			isLate, late = true, nil
		case <-ctx.Done():
			return none, errors.Join(append(errs, ctx.Err())...)
		}
	}
}

// candidate gives a try that offers a server once it has proven itself.
func (s *search) candidate(p *protocol, f found) try {
	return func(ctx context.Context) (found, error) {
		return f, p.probe(ctx, s.finder.Dialer, f.server)
	}
}

// guess is a server of which only the place is known.
func (s *search) guess(source, host string, port int, security upstream.Security) found {
	return found{
		server:   upstream.Server{Host: host, Port: port, Security: security, User: s.address},
		userForm: UserAddress,
		source:   source,
	}
}
