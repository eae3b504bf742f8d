package oauth

import (
	"context"
	"net/http"

	"golang.org/x/oauth2"
)

// Provider is an authorization server, and who the bridge is for it.
type Provider struct {
	Name         string // for people
	ClientID     string
	ClientSecret string // "" for a public client
	AuthURL      string // "": there is a DeviceURL
	TokenURL     string
	DeviceURL    string // "": no device flow
	Issuer       string // what answers say they are from (RFC 9207); "" for not known
	Scopes       []string
}

func (p *Provider) config(redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: p.Scopes, RedirectURL: redirect,
		Endpoint: oauth2.Endpoint{AuthURL: p.AuthURL, TokenURL: p.TokenURL, DeviceAuthURL: p.DeviceURL},
	}
}

// through has a context's requests go by a client, which follows no redirect: what is sent
// is for the server that the configuration names.
func through(ctx context.Context, client *http.Client) context.Context {
	straight := *client
	straight.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return context.WithValue(ctx, oauth2.HTTPClient, &straight)
}
