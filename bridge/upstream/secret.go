package upstream

import (
	"context"
	"encoding/base64"
	"log/slog"
	"strings"
)

// Secret is a password or token. It prints as stars wherever it ends up.
type Secret string

func (Secret) String() string { return "***" }

// GoString keeps %#v from showing it.
func (Secret) GoString() string { return "***" }

// LogValue keeps slog from showing it.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

// Reveal gives the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Plain is the secret of a user as PLAIN says it (RFC 4616).
func (s Secret) Plain(user string) string { return "\x00" + user + "\x00" + string(s) }

// XOAuth2 is the access token of a user as XOAUTH2 says it.
func (s Secret) XOAuth2(user string) string {
	return "user=" + user + "\x01auth=Bearer " + string(s) + "\x01\x01"
}

// OAuthBearer is the access token of a user as OAUTHBEARER says it (RFC 7628 §3.1).
func (s Secret) OAuthBearer(user string) string {
	name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(user) // RFC 5801 §4
	return "n,a=" + name + ",\x01auth=Bearer " + string(s) + "\x01\x01"
}

// Strike takes the secret, of this user, out of words of a server: some repeat the line
// they did not understand, and their words are shown and logged.
func (s Secret) Strike(user, words string) string {
	if s == "" {
		return words
	}
	var stars []string
	for _, said := range []string{s.Plain(user), s.XOAuth2(user), s.OAuthBearer(user), string(s)} {
		stars = append(stars, base64.StdEncoding.EncodeToString([]byte(said)), "***")
	}
	return strings.NewReplacer(append(stars, string(s), "***")...).Replace(words)
}

// Tokens gives access tokens (RFC 6749), by which somebody signs in without a password.
type Tokens interface {
	// Token gives one that is good for a while yet, and is not the one that a server has
	// refused; refused is "" for none. That there will be no more until the person signs
	// in again is an *Error of KindAuth.
	Token(ctx context.Context, refused Secret) (Secret, error)
}
