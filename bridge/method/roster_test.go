package method_test

import (
	"context"
	"log/slog"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/bridge/roster"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// seeToAccounts has Ada be signed in, and see to her accounts. A server takes the
// password "right", those of nowhere.test are not there, and discovery knows hearth.test.
// From accounts of waiting.test a message is still to be sent; the server of refused.test
// no longer takes the password.
func (p *player) seeToAccounts() {
	db, err := database.Open(p.t.TempDir())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = db.Close() })
	if err := database.Migrate(p.t.Context(), db, "household", household.Schema); err != nil {
		p.t.Fatal(err)
	}
	house := household.New(db)
	server := func(host string, port int) upstream.Server {
		return upstream.Server{Host: host, Port: port, Security: upstream.TLS, User: "ada@hearth.test"}
	}
	ada := household.Account{ID: "a", Address: "ada@hearth.test", Password: "right", Incoming: server("imap.hearth.test", 993), Outgoing: server("smtp.hearth.test", 465)}
	s, _, err := house.SignIn(p.t.Context(), ada, household.Client{})
	if err != nil {
		p.t.Fatal(err)
	}
	r := roster.New(roster.Config{
		House: house, Limiter: household.NewLimiter(), Log: slog.New(slog.DiscardHandler),
		Pool: &pool{p, house, s},
		Verify: func(_ context.Context, a household.Account) error {
			for _, s := range []upstream.Server{a.Incoming, a.Outgoing} {
				if strings.HasSuffix(s.Host, "nowhere.test") {
					return &upstream.Error{Kind: upstream.KindResolve, Server: s.Addr(), Step: "looking up the name"}
				}
			}
			if a.Password.Reveal() != "right" {
				return &upstream.Error{Kind: upstream.KindAuth, Server: a.Incoming.Addr(), Step: "signing in", Text: "no, no"}
			}
			return nil
		},
		Try: func(_ context.Context, a household.Account) jmap.BridgeTrial {
			ok := a.Password.Reveal() == "right"
			return jmap.BridgeTrial{
				Incoming: []jmap.BridgeStep{{Step: jmap.StepConnect, Ok: true, Detail: a.Incoming.Addr()}, {Step: jmap.StepSignIn, Ok: ok, Detail: a.Incoming.User}},
				Outgoing: []jmap.BridgeStep{{Step: jmap.StepConnect, Ok: true, Detail: a.Outgoing.Addr()}},
			}
		},
		Discover: func(_ context.Context, address string) (jmap.BridgeDiscovery, error) {
			if !strings.HasSuffix(address, "@hearth.test") {
				return jmap.BridgeDiscovery{}, nil
			}
			return jmap.BridgeDiscovery{
				Incoming: []jmap.BridgeServer{{Protocol: "imap", Host: "imap.hearth.test", Port: 993, Security: "tls", User: address}},
				Outgoing: &jmap.BridgeServer{Host: "smtp.hearth.test", Port: 465, Security: "tls", User: address},
				Source:   "autoconfig",
			}, nil
		},
	})
	p.set = p.set.WithRoster(r.Attend(s))
}

// pool is the running accounts, of which only Ada's runs.
type pool struct {
	p     *player
	house *household.House
	s     *household.Session
}

var _ roster.Pool = (*pool)(nil)

func (l *pool) of(id jmap.Id, domain string) bool {
	now, err := l.house.Again(context.Background(), l.s)
	if err != nil {
		l.p.t.Fatal(err)
	}
	for _, a := range now.Accounts {
		if a.ID == id {
			return strings.HasSuffix(a.Address, domain)
		}
	}
	return false
}

func (l *pool) Refused(id jmap.Id) bool { return l.of(id, "@refused.test") }

func (l *pool) Waiting(_ context.Context, id jmap.Id) (int, error) {
	if l.of(id, "@waiting.test") {
		return 2, nil
	}
	return 0, nil
}

func (l *pool) Wipe(context.Context, jmap.Id) error { return nil }

func (l *pool) Record(_ context.Context, own jmap.Id, change method.Changes) error {
	if own != "a" {
		l.p.t.Errorf("recorded with %s", own)
	}
	return l.p.account.RecordAccounts(change)
}
