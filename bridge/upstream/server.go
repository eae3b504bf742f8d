package upstream

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
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

// Secret is a password or token. It prints as stars wherever it ends up.
type Secret string

func (Secret) String() string { return "***" }

// GoString keeps %#v from showing it.
func (Secret) GoString() string { return "***" }

// LogValue keeps slog from showing it.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

// Reveal gives the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Strike takes the secret, of this user, out of words of a server: some repeat the line
// they did not understand, and their words are shown and logged.
func (s Secret) Strike(user, words string) string {
	if s == "" {
		return words
	}
	encoded := base64.StdEncoding.EncodeToString
	return strings.NewReplacer(
		encoded([]byte("\x00"+user+"\x00"+string(s))), "***", // as PLAIN says it (RFC 4616)
		encoded([]byte(s)), "***", // as LOGIN does
		string(s), "***",
	).Replace(words)
}
