// Package downstream faces browsers and other JMAP clients: sign-in, the session
// object, the API over HTTP and WebSocket, push, uploads, downloads, and the app's
// own files. It checks who is asking and hands requests on; it knows nothing of
// mail.
package downstream

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/oauth"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Mail is a signed-in member's accounts at work: *account.Set.
type Mail interface {
	jmap.Caller
	// Accounts describes the accounts for the session object.
	Accounts() map[jmap.Id]jmap.Account
	// Listen tells what changes, since a pushState or from now on, until ctx is done.
	Listen(ctx context.Context, since string) <-chan jmap.StateChange
	Upload(ctx context.Context, account jmap.Id, mediaType string, body io.Reader) (jmap.Upload, error)
	// Download opens a blob; size is -1 where it is not known before it is read.
	Download(ctx context.Context, account, blob jmap.Id) (size int64, open func(ctx context.Context, offset int64) (io.ReadCloser, error), err error)
}

// Found is what discovery found out about an address.
type Found struct {
	Protocol string           `json:"protocol"` // of Incoming: upstream.IMAP or POP3
	Incoming *upstream.Server `json:"incoming"`
	POP3     *upstream.Server `json:"pop3"` // for who wants that instead; nil: none was found
	Outgoing *upstream.Server `json:"outgoing"`
	Auth     string           `json:"-"`
	// SignInWith names the provider that wants to be signed in with, not by a password; "": none.
	SignInWith string `json:"-"`
	Source     string `json:"source"`
}

// Config is what a Server needs.
type Config struct {
	House   *household.House
	Limiter *household.Limiter // of wrong passwords
	// Open gives the accounts of a session at work, but those whose password is not known,
	// for whoever signed in with a credential ("": nobody has yet); with verify it signs in
	// to their servers now. An *upstream.Error says which server refused what.
	Open func(ctx context.Context, credential string, session *household.Session, verify bool) (Mail, error)
	// ApplicationServerKey signs what is pushed (RFC 9749); "": nothing is pushed.
	ApplicationServerKey string
	// Discover finds the servers of an address.
	Discover func(ctx context.Context, address string) (*Found, error)
	// Flows is who is signing in with a provider.
	Flows *oauth.Flows
	// Picture fetches a remote picture of a mail for a member; any error means that there
	// is none to be shown.
	Picture func(ctx context.Context, member, url string) (mediaType string, data []byte, err error)
	Members []string // who may sign in: addresses and *@domain; empty: anyone
	App     fs.FS    // the app's files, as web/pack lays them out
	Secure  bool     // browsers reach us by https
	Proxied bool     // by way of a proxy, which says who asks in X-Forwarded-For
	Log     *slog.Logger
}

// Server answers HTTP.
type Server struct {
	cfg     Config
	basic   basicCache
	files   *files
	handler http.Handler
	// What each client has under way over HTTP.
	requests, uploads *slots
	closing           context.Context
	close             context.CancelFunc
}

// New makes a Server.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, basic: newBasicCache(), files: &files{cfg.App}}
	s.requests, s.uploads = newSlots(limits.MaxConcurrentRequests), newSlots(limits.MaxConcurrentUpload)
	s.closing, s.close = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	for pattern, h := range s.routes() {
		mux.HandleFunc(pattern, h)
	}
	s.handler = s.protect(mux)
	return s
}

// routes is every address the bridge answers at.
func (s *Server) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /.well-known/jmap":                         s.session,     // session.go
		"GET /jmap/session":                             s.session,     // session.go
		"POST /jmap/api":                                s.api,         // api.go
		"GET /jmap/ws":                                  s.webSocket,   // websocket.go
		"GET /jmap/eventsource":                         s.eventSource, // eventsource.go
		"POST /jmap/upload/{account}":                   s.upload,      // blob.go
		"GET /jmap/download/{account}/{blob}/{name...}": s.download,    // blob.go
		"GET /jmap/download-all/{account}/{email}":      s.downloadAll, // zip.go
		"POST /auth/signin":                             s.signIn,      // signin.go
		"POST /auth/signout":                            s.signOut,     // signin.go
		"POST /auth/discover":                           s.discover,    // signin.go
		"POST /auth/oauth/start":                        s.oauthStart,  // oauth.go
		"POST /auth/oauth/how":                          s.oauthHow,    // oauth.go
		"GET /auth/oauth/callback":                      s.oauthBack,   // oauth.go
		"POST /pictures":                                s.picture,     // picture.go
		"GET /healthz":                                  health,
		"GET /assets/{file...}":                         s.files.asset, // files.go
		"GET /":                                         s.files.page,  // files.go
	}
}

func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n") // whoever asked may be gone
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends what runs on: sockets and event streams.
func (s *Server) Close() { s.close() }

// csp lets the app run its own scripts and nothing else. Frames made from a
// string inherit it, so inline styles of mails must be allowed here too.
const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; connect-src 'self'; frame-src 'self' blob: data:; font-src 'self'; manifest-src 'self'; " +
	"worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// protect sets the headers of every answer, refuses what another site's page
// sends, and keeps a panic from ending more than its request.
func (s *Server) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if s.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			v := recover()
			if err, _ := v.(error); v != nil && !errors.Is(err, http.ErrAbortHandler) {
				s.cfg.Log.ErrorContext(r.Context(), "handler panicked", slog.String("route", r.Pattern), slog.Any("panic", v))
				problem(w, Problem{Status: http.StatusInternalServerError, Title: "Something went wrong in the bridge."})
			}
		}()
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !sameSite(r) {
			problem(w, Problem{Status: http.StatusForbidden, Title: "This request came from another site."})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameSite reports whether a request that changes something was made by our own
// page, or by no page at all.
func sameSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || ownOrigin(r, origin)
}

// ownOrigin reports whether an Origin is the host that was asked.
func ownOrigin(r *http.Request, origin string) bool {
	_, host, ok := strings.Cut(origin, "://")
	return ok && strings.EqualFold(host, r.Host)
}

// guesser is who asks, for counting failed sign-ins. Of X-Forwarded-For only the
// last address is the proxy's word; what stands before it anybody can write.
func (s *Server) guesser(r *http.Request) household.Guesser {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return household.FromNetwork(netip.Addr{})
	}
	if forwarded := r.Header.Values("X-Forwarded-For"); s.cfg.Proxied && len(forwarded) > 0 {
		last := forwarded[len(forwarded)-1]
		host = strings.TrimSpace(last[strings.LastIndex(last, ",")+1:])
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return household.FromNetwork(netip.Addr{})
	}
	return household.FromNetwork(addr)
}

var errNobody = errors.New("nobody is signed in")

// member is who asks, by cookie or by HTTP Basic, and their accounts.
type member struct {
	mail    Mail
	session *household.Session
}

// name is the address they signed in with.
func (m *member) name() string { return m.session.OwnAccount().Address }

// credential is the one thing a client signed in with: what it has under way is counted
// for it, and what it subscribed to is its own. household.Alive knows these names.
func (m *member) credential() string { return credentialOf(m.session) }

func credentialOf(s *household.Session) string {
	if s.ID != "" {
		return household.SessionCredential(s.ID)
	}
	return household.PasswordCredential(s.OwnAccount().Address)
}

// who finds out who asks.
func (s *Server) who(r *http.Request) (*member, error) {
	if user, password, ok := r.BasicAuth(); ok {
		return s.byPassword(r, user, upstream.Secret(password))
	}
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return nil, errNobody
	}
	session, err := s.cfg.House.Resume(r.Context(), cookie.Value)
	if err != nil {
		return nil, err
	}
	return s.open(r.Context(), session)
}

// open gives a session's accounts at work.
func (s *Server) open(ctx context.Context, session *household.Session) (*member, error) {
	mail, err := s.cfg.Open(ctx, credentialOf(session), session, false)
	if err != nil {
		return nil, err
	}
	return &member{mail: mail, session: session}, nil
}

// authenticated runs next for whoever is signed in.
func (s *Server) authenticated(w http.ResponseWriter, r *http.Request, next func(m *member)) {
	m, err := s.who(r)
	switch {
	case err == nil:
		next(m)
	case errors.Is(err, errNobody), errors.Is(err, household.ErrNoSession):
		if r.Header.Get("Sec-Fetch-Mode") == "" { // no browser: say how to sign in
			w.Header().Set("WWW-Authenticate", `Basic realm="Hearthmail", charset="UTF-8"`)
		}
		problem(w, Problem{Status: http.StatusUnauthorized, Title: "Sign in first."})
	default:
		s.refuse(w, r, err, "")
	}
}
