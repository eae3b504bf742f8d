package downstream

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

func (s *Server) cookieName() string {
	if s.cfg.Secure {
		return "__Host-hearthmail"
	}
	return "hearthmail"
}

func (s *Server) setCookie(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever browsers take it: see cookieName
		Name: s.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteStrictMode,
	})
}

// readForm reads the JSON body of a form; false when it has answered.
func readForm(w http.ResponseWriter, r *http.Request, into any) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		problem(w, Problem{Status: http.StatusUnsupportedMediaType, Title: "Send JSON."})
		return false
	}
	if json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(into) != nil {
		problem(w, Problem{Status: http.StatusBadRequest, Title: "The form could not be read."})
		return false
	}
	return true
}

// allowed reports whether an address may sign in here.
func (s *Server) allowed(address string) bool {
	if len(s.cfg.Members) == 0 {
		return true
	}
	_, domain, _ := strings.Cut(address, "@")
	for _, m := range s.cfg.Members {
		if strings.EqualFold(m, address) || strings.EqualFold(m, "*@"+domain) {
			return true
		}
	}
	return false
}

// plausible: the mail server decides; this only keeps nonsense from it.
func plausible(address string) bool {
	local, domain, ok := strings.Cut(address, "@")
	return ok && local != "" && domain != "" && len(address) <= 254 && !strings.ContainsAny(address, " \t\r\n\x00<>")
}

// signIn signs a member in: their mail server says whether the password is right.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	var form struct {
		Email    string           `json:"email"`
		Password string           `json:"password"`
		Keep     bool             `json:"keep"`
		Incoming *upstream.Server `json:"incoming"`
		Outgoing *upstream.Server `json:"outgoing"`
		// Protocol is of the incoming server: upstream.IMAP (also "") or POP3, which has a
		// rule for the copies it keeps. Where the servers are looked up it is a wish.
		Protocol string        `json:"protocol"`
		OnServer upstream.Keep `json:"onServer"`
	}
	if !readForm(w, r, &form) {
		return
	}
	form.Email = strings.TrimSpace(form.Email)
	switch {
	case !plausible(form.Email):
		problem(w, Problem{Type: "address", Status: http.StatusBadRequest, Title: "Enter your whole mail address, such as ada@example.org.", Field: "email"})
		return
	case form.Password == "":
		problem(w, Problem{Type: "password", Status: http.StatusBadRequest, Title: "Enter your password.", Field: "password"})
		return
	}
	if wait := s.cfg.Limiter.Wait(form.Email, s.guesser(r)); wait > 0 {
		tooMany(w, wait)
		return
	}
	if !s.allowed(form.Email) {
		s.cfg.Limiter.Failed(form.Email, s.guesser(r))
		problem(w, Problem{Type: "notAllowed", Status: http.StatusForbidden, Title: "This address may not sign in here. Ask whoever runs this Hearthmail.", Field: "email"})
		return
	}
	acc, with, ok := s.account(w, r, household.Account{
		Address: form.Email, Password: upstream.Secret(form.Password), Protocol: form.Protocol, Keep: form.OnServer,
	}, form.Incoming, form.Outgoing)
	if !ok {
		return
	}
	defer s.cfg.House.Ahead(r.Context(), *acc)()
	alone := &household.Session{Own: acc.ID, Accounts: []household.Account{*acc}}
	if _, err := s.cfg.Open(r.Context(), "", alone, true); err != nil {
		s.refusedAccount(w, r, acc, with, err)
		return
	}
	client := household.Client{UserAgent: r.UserAgent(), Keep: form.Keep}
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		client.Token = cookie.Value
	}
	session, token, err := s.cfg.House.SignIn(r.Context(), *acc, client)
	if err != nil {
		s.refuse(w, r, err, "")
		return
	}
	maxAge := 0
	if form.Keep {
		maxAge = int(time.Until(session.Expires).Seconds())
	}
	s.setCookie(w, token, maxAge)
	writeJSON(w, map[string]string{"address": acc.Address})
}

// refusedAccount answers for a mail server that did not take the settings; with is who wants
// to be signed in with, if anybody does.
func (s *Server) refusedAccount(w http.ResponseWriter, r *http.Request, acc *household.Account, with string, err error) {
	field := "incoming"
	var e *upstream.Error
	if errors.As(err, &e) {
		if e.Kind == upstream.KindAuth {
			s.cfg.Limiter.Failed(acc.Address, s.guesser(r))
		}
		if e.Server == acc.Outgoing.Addr() && acc.Outgoing.Addr() != acc.Incoming.Addr() {
			field = "outgoing"
		}
		if with != "" && (e.Kind == upstream.KindAuth || e.Kind == upstream.KindNoAuth) {
			problem(w, Problem{
				Type: "signInWith", Provider: with, Status: http.StatusForbidden, Field: "email",
				Title: with + " takes no passwords. Sign in with another account of yours, and add this one under Settings, Accounts.",
			})
			return
		}
	}
	s.refuse(w, r, err, field)
}

// account puts together what is needed to reach an address's servers; false when
// it has answered. want is what is known of the account; with is as in Found.SignInWith.
func (s *Server) account(w http.ResponseWriter, r *http.Request, want household.Account, incoming, outgoing *upstream.Server) (acc *household.Account, with string, ok bool) {
	acc = &want
	address := want.Address
	if acc.Protocol != "" && acc.Protocol != upstream.IMAP && acc.Protocol != upstream.POP3 {
		problem(w, Problem{Status: http.StatusBadRequest, Title: "Mail can be read by IMAP or by POP3.", Field: "incoming"})
		return nil, "", false
	}
	if err := acc.Keep.Validate(); err != nil {
		problem(w, Problem{Status: http.StatusBadRequest, Title: "Incoming mail: " + err.Error() + ".", Field: "incoming"})
		return nil, "", false
	}
	if incoming == nil || outgoing == nil {
		found, err := s.cfg.Discover(r.Context(), address)
		if err != nil {
			problem(w, notFound(address))
			return nil, "", false
		}
		with = found.SignInWith
		if incoming == nil {
			incoming, acc.Protocol = found.incoming(acc.Protocol)
		}
		if outgoing == nil {
			outgoing, acc.OutgoingAuth = found.Outgoing, found.Auth
		}
	}
	for _, server := range []struct {
		given *upstream.Server
		into  *upstream.Server
		field string
		name  string
	}{{incoming, &acc.Incoming, "incoming", "Incoming mail"}, {outgoing, &acc.Outgoing, "outgoing", "Outgoing mail"}} {
		if server.given == nil {
			p := notFound(address)
			p.Field = server.field
			problem(w, p)
			return nil, "", false
		}
		*server.into = *server.given
		if server.into.User == "" {
			server.into.User = address
		}
		if err := server.into.Validate(); err != nil {
			problem(w, Problem{Type: "settings", Status: http.StatusBadRequest, Title: server.name + ": " + err.Error() + ".", Field: server.field})
			return nil, "", false
		}
	}
	acc.Protocol = protocolOf(acc.Protocol)
	var err error
	if acc.ID, err = s.cfg.House.AccountID(r.Context(), *acc); err != nil {
		s.refuse(w, r, err, "")
		return nil, "", false
	}
	return acc, with, true
}

// incoming is the server to read from for who wants this protocol. Without POP3 in so many
// words it is what is best for most: IMAP, where there is any.
func (f *Found) incoming(want string) (*upstream.Server, string) {
	if want == upstream.POP3 && f.Protocol != upstream.POP3 {
		return f.POP3, upstream.POP3
	}
	return f.Incoming, f.Protocol
}

// protocolOf is a protocol as household has it: "" is IMAP.
func protocolOf(protocol string) string {
	if protocol == upstream.IMAP {
		return ""
	}
	return protocol
}

func notFound(address string) Problem {
	_, domain, _ := strings.Cut(address, "@")
	return Problem{Type: "serversNotFound", Domain: domain, Status: http.StatusNotFound, Title: "The mail servers of " + domain + " could not be found. Enter them under Server settings.", Field: "incoming"}
}

// signOut ends the session, and has the browser forget what it kept for us.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		if err := s.cfg.House.SignOut(r.Context(), cookie.Value); err != nil {
			s.refuse(w, r, err, "")
			return
		}
	}
	s.setCookie(w, "", -1)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	writeJSON(w, map[string]string{})
}

// discover finds the servers of an address while it is being typed.
func (s *Server) discover(w http.ResponseWriter, r *http.Request) {
	var form struct {
		Email string `json:"email"`
	}
	if !readForm(w, r, &form) {
		return
	}
	form.Email = strings.TrimSpace(form.Email)
	if !plausible(form.Email) || !s.allowed(form.Email) {
		problem(w, Problem{Status: http.StatusNotFound, Title: "No servers found.", Field: "email"})
		return
	}
	found, err := s.cfg.Discover(r.Context(), form.Email)
	if err != nil || found == nil {
		problem(w, notFound(form.Email))
		return
	}
	writeJSON(w, found)
}
