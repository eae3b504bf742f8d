package upstream

import (
	"fmt"
	"net"
	"strconv"
)

// Security is how the connection to a server is protected.
type Security string

// The three kinds of Security.
const (
	TLS      Security = "tls"      // from the first octet
	STARTTLS Security = "starttls" // required; never without
	None     Security = "none"     // only by explicit choice
)

// The protocols that mail is read by.
const (
	IMAP = "imap"
	POP3 = "pop3"
)

// Server is where to connect and as whom.
type Server struct {
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	Security Security `json:"security"`
	User     string   `json:"user"`
}

// Addr is host:port.
func (s Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Validate says what is wrong with the settings, in words for the person.
func (s Server) Validate() error {
	switch {
	case s.Host == "":
		return fmt.Errorf("the server's name is missing")
	case s.Port < 1 || s.Port > 65535:
		return fmt.Errorf("port %d is not between 1 and 65535", s.Port)
	case s.Security != TLS && s.Security != STARTTLS && s.Security != None:
		return fmt.Errorf("security is %q; it can be tls, starttls or none", s.Security)
	}
	return nil
}
