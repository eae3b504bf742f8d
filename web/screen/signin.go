package screen

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// signInForm is the form that stands in the page before the app is there. The page
// has the fields, boot.js has what works without the app; here is the rest.
type signInForm struct {
	busy   bool
	lookup int // number of the last discovery
}

// server is one server of the form, as /auth/signin takes it.
type server struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security string `json:"security"`
	User     string `json:"user"`
}

// ports are the defaults by kind of encryption.
var ports = map[string]map[string]string{
	"in":  {"tls": "993", "starttls": "143", "none": "143"},
	"out": {"tls": "465", "starttls": "587", "none": "25"},
}

const (
	// typingPause is how long after the last letter servers are looked for.
	typingPause   = 500 * time.Millisecond
	discoverLimit = 10 * time.Second
	signInLimit   = 60 * time.Second
)

func (s *Screen) bindSignIn() {
	browser.On("signin", "submit", true, func() { s.post(s.submitSignIn) })
	browser.On("signin-email", "input", false, s.lookUp)
	for _, side := range []string{"in", "out"} {
		browser.On(side+"-security", "change", false, func() {
			browser.SetValue(side+"-port", ports[side][browser.Value(side+"-security")])
			warnOpen(side)
		})
	}
	if browser.Ready() {
		s.submitSignIn()
	}
}

// lookUp looks for the servers of an address once it has been typed.
func (s *Screen) lookUp() {
	s.form.lookup++
	n := s.form.lookup
	s.form.showFound("")
	time.AfterFunc(typingPause, func() {
		s.post(func() {
			address := strings.TrimSpace(browser.Value("signin-email"))
			_, domain, _ := strings.Cut(address, "@")
			if n != s.form.lookup || !strings.Contains(domain, ".") {
				return
			}
			go s.discover(n, address)
		})
	})
}

func (s *Screen) discover(n int, address string) {
	ctx, cancel := context.WithTimeout(context.Background(), discoverLimit)
	defer cancel()
	var found struct{ Incoming, Outgoing *server }
	err := browser.Post(ctx, "/auth/discover", map[string]string{"email": address}, &found)
	s.post(func() {
		if n != s.form.lookup {
			return
		}
		if err != nil || found.Incoming == nil || found.Outgoing == nil {
			s.form.showFound("")
			return
		}
		s.form.showFound("IMAP " + found.Incoming.about() + " · SMTP " + found.Outgoing.about())
		for side, server := range map[string]*server{"in": found.Incoming, "out": found.Outgoing} {
			server.suggest(side)
		}
	})
}

func (v *server) about() string {
	return v.Host + ", " + map[string]string{"tls": "TLS", "starttls": "STARTTLS", "none": words.T("not encrypted")}[v.Security]
}

// suggest shows a found server in the fields of its side, unless one was typed there.
func (v *server) suggest(side string) {
	browser.SetAttribute(side+"-server", "placeholder", v.Host)
	if browser.Value(side+"-server") == "" {
		browser.SetValue(side+"-port", strconv.Itoa(v.Port))
		browser.SetValue(side+"-security", v.Security)
		warnOpen(side)
	}
}

// warnOpen shows the warning of a side while it is to go unencrypted.
func warnOpen(side string) {
	browser.SetProperty(side+"-warning", "hidden", browser.Value(side+"-security") != "none")
}

func (f *signInForm) showFound(text string) { browser.SetText("signin-found", text) }

// submitSignIn asks the bridge to let us in.
func (s *Screen) submitSignIn() {
	f := &s.form
	if f.busy {
		return
	}
	form := map[string]any{
		"email": strings.TrimSpace(browser.Value("signin-email")), "password": browser.Value("signin-password"), "keep": browser.Checked("signin-keep"),
	}
	for side, name := range map[string]string{"in": "incoming", "out": "outgoing"} {
		if host := strings.TrimSpace(browser.Value(side + "-server")); host != "" {
			port, _ := strconv.Atoi(browser.Value(side + "-port")) // the bridge says what is wrong with 0
			form[name] = server{host, port, browser.Value(side + "-security"), strings.TrimSpace(browser.Value(side + "-user"))}
		}
	}
	f.failed("", "")
	f.setBusy(true)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), signInLimit)
		defer cancel()
		var answer struct{ Address string }
		err := browser.Post(ctx, "/auth/signin", form, &answer)
		s.post(func() { s.signedIn(err) })
	}()
}

func (s *Screen) signedIn(err error) {
	f := &s.form
	f.setBusy(false)
	if err == nil {
		browser.SetValue("signin-password", "")
		browser.SetView("loading")
		s.door.SignedIn()
		return
	}
	var p *browser.Problem
	switch {
	case errors.As(err, &p):
		f.failed(problemWords(p), p.Field)
	case errors.Is(err, context.DeadlineExceeded):
		f.failed(words.T("No answer in time. Try again."), "")
	default:
		f.failed(words.T("The bridge cannot be reached. Check your connection and try again."), "")
	}
}

func (f *signInForm) setBusy(busy bool) {
	f.busy = busy
	text := ""
	if busy {
		text = words.T("Signing in…")
	}
	browser.SetText("signin-status", text)
	browser.SetProperty("signin-submit", "disabled", busy)
}

// fieldOf is the element in which a problem can be mended.
var fieldOf = map[string]string{"email": "signin-email", "password": "signin-password", "incoming": "in-server", "outgoing": "out-server"}

// failed says what went wrong, and puts the focus where it can be mended.
func (f *signInForm) failed(text, field string) {
	for _, id := range fieldOf {
		browser.SetAttribute(id, "aria-invalid", yesNo(text != "" && fieldOf[field] == id))
	}
	browser.SetText("signin-alert", text)
	browser.SetProperty("signin-alert", "hidden", text == "")
	if text == "" || field == "" {
		return
	}
	if (field == "incoming" || field == "outgoing") && browser.Property("signin-servers", "hidden") == "true" {
		browser.Click("signin-settings")
	}
	browser.Focus(fieldOf[field])
}
