package method

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// BridgeAccounts is a member's accounts, as they see to them. What is wrong with a wish is
// a *jmap.SetError.
type BridgeAccounts interface {
	// Own is the account the member signed in with, whose objects the accounts are.
	Own() jmap.Id
	List(ctx context.Context) ([]jmap.BridgeAccount, error)
	// Create keeps a new account that its servers accept, and gives it as it is then.
	Create(ctx context.Context, want jmap.BridgeAccount, proof Proof) (jmap.BridgeAccount, error)
	// Update keeps what became of one, which without proof is signed in to as before; other
	// servers or another proof must be accepted first. It and Destroy give ErrNotFound where there is none.
	Update(ctx context.Context, want jmap.BridgeAccount, proof Proof) error
	// Destroy removes an account with all that the bridge keeps of it. What waits to be
	// sent keeps it from that, unless it may be discarded.
	Destroy(ctx context.Context, id jmap.Id, discard bool) error
	// Discover finds the servers of an address.
	Discover(ctx context.Context, address string) (jmap.BridgeDiscovery, error)
	// Try finds out how far the way to the servers is open.
	Try(ctx context.Context, want jmap.BridgeAccount, proof Proof) (jmap.BridgeTrial, error)
}

// Proof is what an account is signed in to with: one of the two.
type Proof struct {
	Password upstream.Secret
	Grant    string // the ticket of what a provider gave
}

// roster is the accounts that a BridgeAccount method works on.
func (c *call) roster() (BridgeAccounts, error) {
	if c.bridgeAccounts == nil || c.bridgeAccounts.Own() != c.account.ID() {
		return nil, &jmap.MethodError{Type: jmap.AccountNotSupportedByMethod}
	}
	return c.bridgeAccounts, nil
}

const (
	// maxAccountName is in octets.
	maxAccountName = 255
	// maxHost is the longest DNS name, maxUser what a server is asked to read; in octets.
	maxHost = 253
	maxUser = 255
	// maxPassword is in octets. There are tokens that long.
	maxPassword = 8 << 10
	// maxPoll is a day, in minutes.
	maxPoll = 24 * 60
)

var colour = regexp.MustCompile(`^(#[0-9a-f]{6})?$`)

// accountWish is a BridgeAccount as a client writes it.
type accountWish struct {
	jmap.BridgeAccount
	Proof
}

// patch changes what a patch says; created is for an account that is being made.
func (w *accountWish) patch(patch map[string]json.RawMessage, created bool) error {
	for path := range patch {
		if head, _, inner := strings.Cut(path, "/"); inner && patch[head] != nil {
			return &jmap.SetError{Type: jmap.SetInvalidPatch, Description: path + " lies within another path of the patch"}
		}
		if err := w.patchOne(path, patch[path], created); err != nil {
			return err
		}
	}
	return w.check()
}

func (w *accountWish) patchOne(path string, raw json.RawMessage, created bool) error {
	var into any
	switch path {
	case "name":
		into = &w.Name
	case "colour":
		into = &w.Colour
	case "sortOrder":
		into = &w.SortOrder
	case "password":
		into = &w.Password
	case "grant":
		into = &w.Grant
	case "address":
		was := w.Address
		if json.Unmarshal(raw, &w.Address) != nil || !created && w.Address != was {
			return invalid("the address of an account stays: add another account", path)
		}
		return nil
	case "incoming":
		w.Incoming, into = jmap.BridgeServer{}, &w.Incoming
	case "outgoing":
		w.Outgoing, into = jmap.BridgeServer{}, &w.Outgoing
	default:
		return w.patchServer(path, raw, created)
	}
	if string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		return invalid(path+" is of another type", path)
	}
	return nil
}

// patchServer sets one property of a server, or refuses what there is not.
func (w *accountWish) patchServer(path string, raw json.RawMessage, created bool) error {
	which, property, inner := strings.Cut(path, "/")
	server := map[string]*jmap.BridgeServer{"incoming": &w.Incoming, "outgoing": &w.Outgoing}[which]
	if !inner || server == nil || created {
		return invalid("this cannot be set", path)
	}
	into := map[string]any{
		"protocol": &server.Protocol, "host": &server.Host, "port": &server.Port, "security": &server.Security, "user": &server.User, "auth": &server.Auth,
		"keepRule": &server.KeepRule, "keepDays": &server.KeepDays, "pollMinutes": &server.PollMinutes,
	}[property]
	if into == nil || string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		return invalid("this cannot be set so", path)
	}
	return nil
}

func (w *accountWish) check() error {
	switch {
	case message.ValidAddress(w.Address) != nil:
		return invalid("Enter the whole mail address, such as ada@example.org.", "address")
	case len(w.Name) > maxAccountName || strings.ContainsFunc(w.Name, unicode.IsControl):
		return invalid("a name has at most 255 octets and no control characters", "name")
	case !colour.MatchString(w.Colour):
		return invalid(`a colour is "" or as "#1d4ed8"`, "colour")
	case len(w.Password) > maxPassword:
		return invalid("no password is that long", "password")
	case w.Password != "" && w.Grant != "":
		return invalid("an account is signed in to by a password or by a grant", "grant")
	case w.Incoming.Protocol != upstream.IMAP && w.Incoming.Protocol != upstream.POP3:
		return invalid("mail is read by IMAP or by POP3", "incoming")
	case w.Outgoing.Protocol != "" && w.Outgoing.Protocol != "smtp":
		return invalid("mail is sent by SMTP", "outgoing")
	case !slices.Contains([]string{"", "plain", "login", "none"}, w.Outgoing.Auth):
		return invalid(`auth is "", "plain", "login" or "none"`, "outgoing")
	}
	if w.Incoming.PollMinutes < 0 || w.Incoming.PollMinutes > maxPoll {
		return invalid("a server can be looked at once a minute or once a day, or as often as suits in between", "incoming")
	}
	if err := (upstream.Keep{Rule: w.Incoming.KeepRule, Days: w.Incoming.KeepDays}).Validate(); err != nil {
		return invalid(err.Error(), "incoming")
	}
	for name, s := range map[string]jmap.BridgeServer{"incoming": w.Incoming, "outgoing": w.Outgoing} {
		server := upstream.Server{Host: s.Host, Port: s.Port, Security: upstream.Security(s.Security), User: s.User}
		if err := server.Validate(); err != nil {
			return invalid(err.Error(), name)
		}
		if len(s.Host) > maxHost || len(s.User) > maxUser || strings.ContainsFunc(s.User, unicode.IsControl) {
			return invalid("the server or user name is too long, or has characters that none has", name)
		}
	}
	return nil
}

// withDefaults fills in what most clients leave out: protocols, and that users are called
// by their address.
func (w *accountWish) withDefaults() {
	if w.Incoming.Protocol == "" {
		w.Incoming.Protocol = "imap"
	}
	for _, s := range []*jmap.BridgeServer{&w.Incoming, &w.Outgoing} {
		if s.User == "" {
			s.User = w.Address
		}
	}
}

func bridgeAccountRecord(a jmap.BridgeAccount) record {
	return record{
		"id": a.Id, "name": a.Name, "address": a.Address, "colour": a.Colour, "sortOrder": a.SortOrder,
		"incoming": a.Incoming, "outgoing": a.Outgoing, "signIn": a.SignIn, "signInWith": a.SignInWith, "isOwn": a.IsOwn, "mayDelete": a.MayDelete,
	}
}
