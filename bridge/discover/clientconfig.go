package discover

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// maxServers is how many servers of one protocol are tried.
const maxServers = 4

// clientConfig is an autoconfig file: only what we use of it. A stranger may have
// written it, so nothing in it is believed to be well formed. encoding/xml knows
// no entities but XML's own five, and the dialer's client reads at most 256 KB.
type clientConfig struct {
	XMLName   xml.Name `xml:"clientConfig"`
	Providers []struct {
		Incoming []configServer `xml:"incomingServer"`
		Outgoing []configServer `xml:"outgoingServer"`
	} `xml:"emailProvider"`
}

type configServer struct {
	Type           string   `xml:"type,attr"`
	Hostname       string   `xml:"hostname"`
	Port           string   `xml:"port"`
	SocketType     string   `xml:"socketType"`
	Username       string   `xml:"username"`
	Authentication []string `xml:"authentication"`
}

func parseClientConfig(r io.Reader) (*clientConfig, error) {
	config := &clientConfig{}
	if err := xml.NewDecoder(r).Decode(config); err != nil {
		return nil, err
	}
	if len(config.Providers) == 0 {
		return nil, errors.New("autoconfig names no provider")
	}
	return config, nil
}

// servers gives the servers of one protocol that we could use, in the file's
// order, which is that of preference: with TLS, and a password.
func (c *clientConfig) servers(p *protocol, s *search) []found {
	var usable []found
	for _, provider := range c.Providers {
		for _, server := range slices.Concat(provider.Incoming, provider.Outgoing) {
			if !strings.EqualFold(server.Type, p.name) || len(usable) == maxServers {
				continue
			}
			if f, ok := server.found(s); ok {
				usable = append(usable, f)
			}
		}
	}
	return usable
}

func (c *configServer) found(s *search) (found, bool) {
	fill := strings.NewReplacer("%EMAILADDRESS%", s.address, "%EMAILLOCALPART%", s.local, "%EMAILDOMAIN%", s.domain)
	port, err := strconv.Atoi(strings.TrimSpace(c.Port))
	if err != nil {
		return found{}, false
	}
	f := s.guess("autoconfig", strings.ToLower(fill.Replace(strings.TrimSpace(c.Hostname))), port, "")
	switch strings.ToUpper(strings.TrimSpace(c.SocketType)) {
	case "SSL", "TLS":
		f.server.Security = upstream.TLS
	case "STARTTLS":
		f.server.Security = upstream.STARTTLS
	default: // "plain" would be without
		return found{}, false
	}
	if user := fill.Replace(strings.TrimSpace(c.Username)); user != "" {
		f.server.User = user
	}
	switch f.server.User {
	case s.address:
		f.userForm = UserAddress
	case s.local:
		f.userForm = UserLocalpart
	default:
		f.userForm = ""
	}
	var ok bool
	f.auth, ok = c.auth()
	return f, ok && f.server.Validate() == nil && !strings.ContainsFunc(f.server.User, unicode.IsControl)
}

// auth reports whether the server takes a password, or, for sending, needs none.
func (c *configServer) auth() (auth string, ok bool) {
	if len(c.Authentication) == 0 {
		return "", true
	}
	for _, way := range c.Authentication {
		switch strings.ToLower(strings.TrimSpace(way)) {
		case "password-cleartext", "plain", "password-encrypted", "secure":
			return "", true
		case "none", "client-ip-address":
			if strings.EqualFold(c.Type, smtpProtocol.name) {
				return "none", true
			}
		}
	}
	return "", false // OAuth2, GSSAPI, NTLM, client certificates
}
