package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"

	"github.com/hearthmail/hearthmail/bridge/oauth"
)

// oauthClient is how a provider's accounts are signed in to without a password: as whom the
// bridge is registered there, and where.
type oauthClient struct {
	Name         string   `toml:"name"` // for people; "": the first domain
	ClientID     string   `toml:"client_id"`
	ClientSecret string   `toml:"client_secret"`
	AuthURL      string   `toml:"auth_url"`
	TokenURL     string   `toml:"token_url"`
	DeviceURL    string   `toml:"device_url"`
	Scopes       []string `toml:"scopes"`
	Issuer       string   `toml:"issuer"`
}

// check says which setting is wrong, and what is wrong with it.
func (o *oauthClient) check() (setting string, err error) {
	switch {
	case o == nil:
		return "", nil
	case o.ClientID == "":
		return "", errors.New("client_id is missing")
	case o.TokenURL == "":
		return "", errors.New("token_url is missing")
	case o.AuthURL == "" && o.DeviceURL == "":
		return "", errors.New("auth_url is missing, or device_url")
	}
	for _, s := range []struct{ name, url string }{{"auth_url", o.AuthURL}, {"token_url", o.TokenURL}, {"device_url", o.DeviceURL}} {
		u, err := url.Parse(s.url)
		// A page on this machine is for who tries things out; tokens are not sent there.
		page := err == nil && s.name == "auth_url" && u.Scheme == "http" && loopback(u.Hostname())
		if s.url != "" && !page && (err != nil || u.Scheme != "https" || u.Host == "") {
			return "." + s.name, fmt.Errorf("%q does not begin with https://", s.url)
		}
	}
	return "", nil
}

// signInWith is what people know the provider by; "" where a password signs in.
func (p provider) signInWith() string {
	if p.OAuth == nil {
		return ""
	}
	return cmp.Or(p.OAuth.Name, p.Domains[0])
}

// oauthProviders is those of the configuration, which has been checked.
func (c *config) oauthProviders() []oauth.Provider {
	var out []oauth.Provider
	for _, p := range c.Providers {
		if o := p.OAuth; o != nil {
			out = append(out, oauth.Provider{
				Name: p.signInWith(), ClientID: o.ClientID, ClientSecret: o.ClientSecret, AuthURL: o.AuthURL, TokenURL: o.TokenURL,
				DeviceURL: o.DeviceURL, Issuer: o.Issuer, Scopes: o.Scopes,
			})
		}
	}
	return out
}
