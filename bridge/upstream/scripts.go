package upstream

import (
	"context"
	"errors"
	"slices"
)

// Scripts is one account's filter scripts as its ManageSieve server keeps them
// (RFC 5804). All methods may be called from any goroutine, give up when ctx is done,
// and return *Error when the server or the way to it is at fault.
type Scripts interface {
	// Offers signs in, if need be, and asks what the server can do for this account.
	Offers(ctx context.Context) (ScriptOffers, error)
	// List names the scripts; at most one is active.
	List(ctx context.Context) ([]Script, error)
	// Get reads a script; one that is not there is ErrNoScript.
	Get(ctx context.Context, name string) (string, error)
	// Put keeps a script under a name, in the place of one that was there. What the
	// server does not take is KindRefused, with its words, and changes nothing.
	Put(ctx context.Context, name, text string) error
	// SetActive has the server run this script, and no other, for mail that arrives.
	// "" has it run none.
	SetActive(ctx context.Context, name string) error
	// Delete removes a script that is not active.
	Delete(ctx context.Context, name string) error
	// Close ends the connection.
	Close() error
}

// Script is one script of a list.
type Script struct {
	Name   string
	Active bool
}

// ScriptOffers is what a server can do.
type ScriptOffers struct {
	Extensions []string // of Sieve, as "require" names them
}

// Has reports whether scripts may require all of these extensions.
func (o ScriptOffers) Has(extensions ...string) bool {
	for _, e := range extensions {
		if !slices.Contains(o.Extensions, e) {
			return false
		}
	}
	return true
}

// ErrNoScript: there is no script of that name.
var ErrNoScript = errors.New("script is not there")
