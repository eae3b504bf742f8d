package roster

import (
	"strings"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// shown is an account without its secrets.
func (u *Accounts) shown(a household.Account) jmap.BridgeAccount {
	out := jmap.BridgeAccount{
		Id: a.ID, Name: a.Name, Address: a.Address, Colour: a.Colour, SortOrder: a.SortOrder,
		Incoming: server(a.Incoming), Outgoing: server(a.Outgoing),
		SignIn: jmap.SignInOK, SignInWith: signInWith(a), IsOwn: a.ID == u.s.Own, MayDelete: a.ID != u.s.Own,
	}
	out.Incoming.Protocol = upstream.IMAP // household has "" for it
	if a.Protocol != "" {
		out.Incoming.Protocol = a.Protocol
	}
	out.Incoming.KeepRule, out.Incoming.KeepDays, out.Incoming.PollMinutes = a.Keep.Rule, a.Keep.Days, a.Poll
	out.Outgoing.Auth = a.OutgoingAuth
	switch {
	case a.Locked:
		out.SignIn = jmap.SignInLocked
	case u.r.cfg.Pool.Refused(a.ID):
		out.SignIn = jmap.SignInRefused
	}
	return out
}

func signInWith(a household.Account) string {
	if a.Grant == nil {
		return ""
	}
	return a.Grant.Provider
}

func server(s upstream.Server) jmap.BridgeServer {
	return jmap.BridgeServer{Host: s.Host, Port: s.Port, Security: string(s.Security), User: s.User}
}

// take has an account be as it is wished.
func take(a *household.Account, want jmap.BridgeAccount) {
	a.Name, a.Address, a.Colour, a.SortOrder = want.Name, want.Address, want.Colour, want.SortOrder
	a.Incoming, a.Outgoing, a.OutgoingAuth = upstreamServer(want.Incoming), upstreamServer(want.Outgoing), want.Outgoing.Auth
	a.Protocol = want.Incoming.Protocol
	if a.Protocol == upstream.IMAP {
		a.Protocol = ""
	}
	a.Keep = upstream.Keep{Rule: want.Incoming.KeepRule, Days: want.Incoming.KeepDays}
	a.Poll = want.Incoming.PollMinutes
}

func upstreamServer(s jmap.BridgeServer) upstream.Server {
	return upstream.Server{Host: strings.TrimSpace(s.Host), Port: s.Port, Security: upstream.Security(s.Security), User: s.User}
}

// sameServer: whoever signs in at both finds the same mail.
func sameServer(a, b upstream.Server) bool {
	return strings.EqualFold(a.Host, b.Host) && a.User == b.User
}

// asksAgain reports whether an account's password would go, with what became of it, to
// another server, or there without the protection it had.
func asksAgain(was, now household.Account) bool {
	if was.Locked {
		return true
	}
	for _, s := range [][2]upstream.Server{{was.Incoming, now.Incoming}, {was.Outgoing, now.Outgoing}} {
		if !strings.EqualFold(s[0].Host, s[1].Host) || s[1].Security == upstream.None && s[0].Security != upstream.None ||
			s[1].Security == upstream.None && s[0].Port != s[1].Port {
			return true
		}
	}
	return false
}
