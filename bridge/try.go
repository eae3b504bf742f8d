package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/discover"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// tryLimit is how long a person waits for an account to be tried, or verified.
const tryLimit = time.Minute

// discovery is what BridgeAccount/discover answers: of incoming servers those the bridge
// can read from.
func (w *ways) discovery(ctx context.Context, address string) (jmap.BridgeDiscovery, error) {
	r, err := w.finder.Find(ctx, address)
	var none *discover.NotFound
	if errors.As(err, &none) {
		return jmap.BridgeDiscovery{}, nil
	}
	if err != nil {
		return jmap.BridgeDiscovery{}, err
	}
	out := jmap.BridgeDiscovery{Source: r.Source, SignInWith: r.SignInWith}
	if r.IMAP != nil {
		out.Incoming = append(out.Incoming, shownServer(r.IMAP, upstream.IMAP, ""))
	}
	if r.POP3 != nil {
		out.Incoming = append(out.Incoming, shownServer(r.POP3, upstream.POP3, ""))
	}
	if r.SMTP != nil {
		outgoing := shownServer(r.SMTP, "", r.SMTPAuth)
		out.Outgoing = &outgoing
	}
	return out, nil
}

func shownServer(s *upstream.Server, protocol, auth string) jmap.BridgeServer {
	return jmap.BridgeServer{Protocol: protocol, Host: s.Host, Port: s.Port, Security: string(s.Security), User: s.User, Auth: auth}
}

// verify signs in to both servers of an account, and hangs up.
func (w *ways) verify(ctx context.Context, a household.Account) error {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	store, _, err := w.connect(ctx, a, true)
	if err != nil {
		return err
	}
	return store.Close()
}

// try goes the way to both servers of an account, side by side, and tells each step.
func (w *ways) try(ctx context.Context, a household.Account) jmap.BridgeTrial {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	var t jmap.BridgeTrial
	var both sync.WaitGroup
	both.Go(func() {
		last := []string{jmap.StepSignIn, jmap.StepMailboxes}
		if a.Protocol == upstream.POP3 { // the mailboxes are ours
			last = last[:1]
		}
		t.Incoming = trace(ctx, steps(a.Incoming, last...), func(ctx context.Context) error {
			store, err := w.incoming(ctx, a, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, store.Close()) }()
			if a.Protocol == upstream.POP3 {
				return nil
			}
			mailboxes, err := store.Mailboxes(ctx)
			if err == nil {
				upstream.Reached(ctx, jmap.StepMailboxes, fmt.Sprint(len(mailboxes)))
			}
			return err
		})
	})
	both.Go(func() {
		last := []string{jmap.StepSignIn}
		if a.OutgoingAuth == "none" {
			last = nil
		}
		t.Outgoing = trace(ctx, steps(a.Outgoing, last...), func(ctx context.Context) error {
			return w.sender(a).Check(ctx)
		})
	})
	both.Wait()
	return t
}

// steps is the way to a server, in order.
func steps(s upstream.Server, last ...string) []string {
	way := []string{jmap.StepResolve, jmap.StepConnect, jmap.StepEncrypt, jmap.StepGreet}
	switch s.Security {
	case upstream.STARTTLS: // it is greeted before
		way[2], way[3] = way[3], way[2]
	case upstream.None:
		way = append(way[:2], jmap.StepGreet)
	}
	return append(way, last...)
}

// trace does what goes a way, and gives the steps that succeeded and the one that did not.
func trace(ctx context.Context, way []string, do func(ctx context.Context) error) []jmap.BridgeStep {
	var mu sync.Mutex
	reached := map[string]string{}
	err := do(upstream.WithTrace(ctx, func(step, detail string) {
		mu.Lock()
		defer mu.Unlock()
		reached[step] = detail
	}))
	mu.Lock()
	defer mu.Unlock()
	var out []jmap.BridgeStep
	for _, step := range way {
		detail, ok := reached[step]
		if !ok && err == nil {
			continue // there was nothing to do: no password to be asked for, say
		}
		if !ok {
			detail = "The server did not answer in time."
			var e *upstream.Error
			if errors.As(err, &e) {
				detail = e.Sentence()
				if quote := e.Quote(); quote != "" {
					detail += " It said: " + quote
				}
			}
		}
		out = append(out, jmap.BridgeStep{Step: step, Ok: ok, Detail: detail})
		if !ok {
			break
		}
	}
	return out
}
