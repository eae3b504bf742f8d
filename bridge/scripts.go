package main

import (
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/sieve"
)

// managesieve is the port of ManageSieve (RFC 5804 §1.8).
const managesieve = 4190

// scripts makes the way to an account's filter scripts: to the server that the
// configuration names beside its incoming one, else to where that one usually has it,
// encrypted, so that the password goes to nobody who cannot prove to be that server.
func (w *ways) scripts(a household.Account) upstream.Scripts {
	server, ok := w.filters[a.Incoming.Addr()]
	if !ok {
		server = upstream.Server{Host: a.Incoming.Host, Port: managesieve, Security: upstream.STARTTLS}
	}
	server.User = a.Incoming.User
	return sieve.New(sieve.Config{Server: server, Password: a.Password, Tokens: w.tokens(a, nil), Dialer: w.dialer})
}

// filters is the servers for filters that the configuration names, by the address of
// the incoming server they stand beside.
func (c *config) filters() map[string]upstream.Server {
	out := map[string]upstream.Server{}
	for _, p := range c.Providers {
		if p.IMAP != nil && p.Sieve != nil {
			out[p.IMAP.upstream().Addr()] = *p.Sieve.upstream()
		}
	}
	return out
}
