package downstream

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/hearthmail/hearthmail/bridge/oauth"
)

// bindingCookie binds an answer of a provider to the browser that asked. The provider's
// page leads back here, so it cannot be as strict as that of the session.
func (s *Server) bindingCookie() string {
	if s.cfg.Secure {
		return "__Secure-hearthmail-oauth"
	}
	return "hearthmail-oauth"
}

const callback = "/auth/oauth/callback"

// oauthStart has a member begin to sign in with a provider, for an account to be added or
// one of theirs: the answer has the page where they agree.
func (s *Server) oauthStart(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		var form struct {
			Provider string `json:"provider"`
			Email    string `json:"email"`
		}
		if !readForm(w, r, &form) {
			return
		}
		scheme := "http"
		if s.cfg.Secure {
			scheme = "https"
		}
		started, err := s.cfg.Flows.Begin(r.Context(), m.session.Member, form.Provider, form.Email, scheme+"://"+r.Host+callback)
		if err != nil {
			s.cfg.Log.WarnContext(r.Context(), "signing in with a provider not begun", slog.String("provider", form.Provider), slog.Any("err", err))
			problem(w, Problem{Type: "provider", Status: http.StatusBadGateway, Title: "The provider cannot be reached right now."})
			return
		}
		if started.Binding != "" {
			http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever browsers take it: see cookieName
				Name: s.bindingCookie(), Value: started.Binding, Path: callback, MaxAge: 3600,
				HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode,
			})
		}
		writeJSON(w, map[string]string{"ticket": started.Ticket, "url": started.URL, "code": started.Code})
	})
}

// oauthHow says how far it is.
func (s *Server) oauthHow(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		var form struct {
			Ticket string `json:"ticket"`
		}
		if !readForm(w, r, &form) {
			return
		}
		writeJSON(w, map[string]string{"how": s.cfg.Flows.How(m.session.Member, form.Ticket)})
	})
}

// oauthBack is where the provider leads the browser back to. The page that asked waits
// elsewhere: this one only says that it can be closed.
func (s *Server) oauthBack(w http.ResponseWriter, r *http.Request) {
	binding := ""
	if cookie, err := r.Cookie(s.bindingCookie()); err == nil {
		binding = cookie.Value
	}
	err := s.cfg.Flows.Finish(r.Context(), binding, r.URL.Query())
	_, language := s.files.index(r)
	words, ok := backWords[language]
	if !ok {
		language, words = "en", backWords["en"]
	}
	status, text := http.StatusOK, words.agreed
	if err != nil {
		s.cfg.Log.InfoContext(r.Context(), "signing in with a provider ended", slog.Any("err", err))
		status, text = http.StatusBadRequest, words.refused
		if errors.Is(err, oauth.ErrForeign) {
			status = http.StatusForbidden
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = backPage.Execute(w, map[string]string{"Language": language, "Text": text}) // whoever asked may be gone
}

// backWords is what the page says, by language.
var backWords = map[string]struct{ agreed, refused string }{
	"en": {"You are signed in. You can close this page and go on in Hearthmail.", "That did not work. Close this page and try again in Hearthmail."},
	"de": {"Sie sind angemeldet. Sie können diese Seite schließen und in Hearthmail weitermachen.", "Das hat nicht geklappt. Schließen Sie diese Seite und versuchen Sie es in Hearthmail erneut."},
	"fr": {"Vous êtes connecté. Vous pouvez fermer cette page et continuer dans Hearthmail.", "Cela n’a pas fonctionné. Fermez cette page et réessayez dans Hearthmail."},
	"es": {"Ha iniciado sesión. Puede cerrar esta página y continuar en Hearthmail.", "No ha funcionado. Cierre esta página e inténtelo de nuevo en Hearthmail."},
}

var backPage = template.Must(template.New("back").Parse(`<!doctype html>
<html lang="{{.Language}}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Hearthmail</title>
<style>body { font: 18px/1.5 system-ui, sans-serif; max-width: 32em; margin: 20vh auto; padding: 0 24px; text-align: center }</style>
<main><h1>Hearthmail</h1><p>{{.Text}}</p></main>
</html>
`))
