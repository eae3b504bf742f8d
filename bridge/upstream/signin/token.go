package signin

import (
	"context"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Connect opens a connection by a password, or where there are tokens by one of them. One
// that was refused may have ended before its time: another gets one chance.
func Connect[T any](ctx context.Context, password upstream.Secret, tokens upstream.Tokens, open func(secret upstream.Secret) (T, error)) (T, error) {
	var none T
	if tokens == nil {
		return open(password)
	}
	token, err := tokens.Token(ctx, "")
	if err != nil {
		return none, err
	}
	c, err := open(token)
	if upstream.KindOf(err) != upstream.KindAuth {
		return c, err
	}
	if token, err = tokens.Token(ctx, token); err != nil {
		return none, err
	}
	return open(token)
}
