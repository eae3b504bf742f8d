package store

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// look is what the bridge says of an account, apart from its mail.
type look struct {
	Address   string `json:"address"`
	Colour    string `json:"colour"`
	SortOrder int    `json:"sortOrder"`
	SignIn    string `json:"signIn"`
}

// readLook reads it; of another bridge than ours there is nothing to read.
func readLook(raw json.RawMessage) (l look) {
	_ = json.Unmarshal(raw, &l)
	return l
}

// Address is the account's own mail address.
func (a *Account) Address() string { return cmp.Or(a.look.Address, a.name) }

// Colour is the colour the member gave the account, "#rrggbb", or "".
func (a *Account) Colour() string { return a.look.Colour }

// Refused reports whether the mail server no longer takes the account's password.
func (a *Account) Refused() bool { return a.look.SignIn == jmap.SignInRefused }

// Own is the account the member signed in with, nil before there is any.
func (s *Store) Own() *Account { return s.Account(s.own) }

// sortAccounts has accounts stand as the member ordered them, their own before others
// of the same place.
func (s *Store) sortAccounts() {
	slices.SortFunc(s.accounts, func(a, b *Account) int {
		if c := a.look.SortOrder - b.look.SortOrder; c != 0 {
			return c
		}
		if (a.id == s.own) != (b.id == s.own) {
			if a.id == s.own {
				return -1
			}
			return 1
		}
		return cmp.Or(naturalCompare(a.name, b.name), cmp.Compare(a.id, b.id))
	})
}

// bridgeAccounts is what the bridge says of the member's accounts and their servers.
type bridgeAccounts struct {
	known bool
	list  []jmap.BridgeAccount
	err   error
}

// BridgeAccounts are the member's accounts with their servers, those that are locked too,
// in their order; known once they were asked for. err is why they could not be read.
func (s *Store) BridgeAccounts() (list []jmap.BridgeAccount, known bool, err error) {
	return s.bridge.list, s.bridge.known, s.bridge.err
}

// SetBridgeAccounts takes over what the bridge answered.
func (s *Store) SetBridgeAccounts(list []jmap.BridgeAccount, err error) {
	if err == nil {
		slices.SortStableFunc(list, func(a, b jmap.BridgeAccount) int { return a.SortOrder - b.SortOrder })
		s.bridge.list, s.bridge.known = list, true
	}
	s.bridge.err = err
	s.changed(PartAccounts)
}
