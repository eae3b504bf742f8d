package main

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream/dialer"
)

// Values that are checked as they are read, so that what is wrong is reported with
// its line. They are structs because the TOML library asks no string type how it
// wants to be read.
type (
	hostPort struct{ string } // "host:port"
	allowed  struct{ string } // "host:port" or "host:*"
	member   struct{ string } // an address, or "*@domain"
	userForm struct{ string } // "address" or "localpart"
	security struct{ string } // "tls", "starttls" or "none"
	auth     struct{ string } // "plain", "login" or "none"
)

func (h *hostPort) UnmarshalText(text []byte) error {
	h.string = string(text)
	_, port, err := net.SplitHostPort(string(text))
	if err != nil {
		return fmt.Errorf("%q is not host:port", text)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("port %q is not a number from 0 to 65535", port)
	}
	return nil
}

func (a *allowed) UnmarshalText(text []byte) error {
	a.string = string(text)
	_, err := dialer.ParseAllowList([]string{a.string})
	return err
}

func (m *member) UnmarshalText(text []byte) error {
	m.string = string(text)
	if local, domain, ok := strings.Cut(string(text), "@"); !ok || local == "" || domain == "" || strings.ContainsAny(domain, "*@ ") {
		return fmt.Errorf("%q is neither an address nor *@domain", text)
	}
	return nil
}

func (u *userForm) UnmarshalText(text []byte) error {
	u.string = string(text)
	return oneOf(text, "user", "address", "localpart")
}

func (v *security) UnmarshalText(text []byte) error {
	v.string = string(text)
	return oneOf(text, "security", "tls", "starttls", "none")
}

func (v *auth) UnmarshalText(text []byte) error {
	v.string = string(text)
	return oneOf(text, "auth", "plain", "login", "none")
}

func oneOf(text []byte, name string, allowed ...string) error {
	if !slices.Contains(allowed, string(text)) {
		return fmt.Errorf("%s is %q; it can be %s", name, text, strings.Join(allowed, " or "))
	}
	return nil
}
