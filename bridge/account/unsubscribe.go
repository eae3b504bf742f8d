package account

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/method"
)

// unsubscribeLimit is how long a list's server may take.
const unsubscribeLimit = 20 * time.Second

var errNoWeb = errors.New("there is no way to the web")

// Unsubscribe sends the one request that leaves a mailing list (RFC 8058 §3.2): without
// cookies or any word about the person, and only to where the address itself leads. The
// answer is no page for anybody: whether it is a success is all that is read of it.
func (a *Account) Unsubscribe(ctx context.Context, address string) error {
	if a.cfg.Web == nil {
		return errNoWeb
	}
	ctx, cancel := context.WithTimeout(ctx, unsubscribeLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		return withoutAddress(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "Mozilla/5.0 (compatible; Hearthmail)")
	client := *a.cfg.Web
	// RFC 8058 §3.1: there is to be no redirect, a POST does not survive it.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return withoutAddress(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // what it says is not for us
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &method.RefusedError{Status: resp.StatusCode}
	}
	return nil
}

// withoutAddress drops the address, which says who reads, from an error that may reach
// the log.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
