package signin

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// The ways of signing in. They are the names of SASL mechanisms, but for Commands and APOP.
const (
	ScramSHA256 = "SCRAM-SHA-256" // RFC 7677
	Plain       = "PLAIN"         // RFC 4616
	Login       = "LOGIN"         // never standardised
	CRAMMD5     = "CRAM-MD5"      // RFC 2195
	XOAuth2     = "XOAUTH2"       // Google's and Microsoft's
	OAuthBearer = "OAUTHBEARER"   // RFC 7628
	Commands    = "COMMANDS"      // the protocol's own: USER and PASS of POP3, LOGIN of IMAP
	APOP        = "APOP"          // RFC 1939 §7
)

// Credentials is who signs in, and by what.
type Credentials struct {
	User   string
	Secret upstream.Secret // a password, or an access token
	Token  bool            // it is an access token (RFC 6749)
	Insist string          // the one way that is wanted; "": the best
}

// Ways gives the ways that a server offers, best first. On a connection that others may
// read, the password itself is said only where there is no other way.
func (c Credentials) Ways(security upstream.Security, offers func(way string) bool) []string {
	var all []string
	switch {
	case c.Insist != "":
		all = []string{strings.ToUpper(c.Insist)}
	case c.Token:
		all = []string{OAuthBearer, XOAuth2}
	case security == upstream.None:
		all = []string{ScramSHA256, CRAMMD5, APOP, Plain, Commands, Login}
	default:
		all = []string{ScramSHA256, Plain, Commands, Login, CRAMMD5, APOP}
	}
	return slices.DeleteFunc(all, func(way string) bool { return !offers(way) })
}

// Try signs in by the first of these ways, of which there is one. If that was a digest and
// it was refused, the next gets a chance: many servers offer digests, and few keep every
// password so that they can check what is made of it.
func Try(ways []string, by func(way string) error) error {
	err := by(ways[0])
	if digest(ways[0]) && len(ways) > 1 && upstream.KindOf(err) == upstream.KindAuth {
		err = by(ways[1])
	}
	return err
}

func digest(way string) bool { return way == ScramSHA256 || way == CRAMMD5 || way == APOP }

// Speakable reports whether a user name and a secret have only what every protocol can say.
func (c Credentials) Speakable() bool {
	return !strings.ContainsAny(c.User+c.Secret.Reveal(), "\r\n\x00")
}
