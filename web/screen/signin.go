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
	lookup int             // number of the last discovery
	found  found           // by the last discovery
	chosen map[string]bool // sides of which a person chose port or encryption: what is found leaves them alone
}

// server is one server of the form, as /auth/signin takes it.
type server struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security string `json:"security"`
	User     string `json:"user"`
}

// The protocols mail is read by.
const (
	imap = "imap"
	pop3 = "pop3"
)

// ports are the defaults by protocol and kind of encryption.
var ports = map[string]map[string]string{
	imap:   {"tls": "993", "starttls": "143", "none": "143"},
	pop3:   {"tls": "995", "starttls": "110", "none": "110"},
	"smtp": {"tls": "465", "starttls": "587", "none": "25"},
}

// found is what /auth/discover answers.
type found struct {
	Protocol                 string // of Incoming
	Incoming, POP3, Outgoing *server
}

// incoming is the server for a protocol, nil where none was found.
func (f *found) incoming(protocol string) *server {
	switch protocol {
	case f.Protocol:
		return f.Incoming
	case pop3:
		return f.POP3
	}
	return nil
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
	s.form.chosen = map[string]bool{}
	for _, side := range []string{"in", "out"} {
		browser.On(side+"-port", "input", false, func() { s.form.chosen[side] = true })
		browser.On(side+"-security", "change", false, func() {
			s.form.chosen[side] = true
			usualPort(side)
		})
	}
	for _, protocol := range []string{imap, pop3} {
		browser.On("in-"+protocol, "change", false, func() {
			s.form.chosen["in"] = false
			s.form.protocolChosen()
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
	var found found
	err := browser.Post(ctx, "/auth/discover", map[string]string{"email": address}, &found)
	s.post(func() {
		if n != s.form.lookup {
			return
		}
		if err != nil || found.Incoming == nil || found.Outgoing == nil {
			s.form.found = (signInForm{}).found
			s.form.showFound("")
			return
		}
		s.form.found = found
		if found.Protocol == pop3 && browser.Value("in-server") == "" { // there is nothing else
			browser.SetProperty("in-pop3", "checked", true)
			s.form.protocolChosen()
		}
		read := found.incoming(protocol())
		if read == nil {
			read = found.Incoming
		}
		s.form.showFound(strings.ToUpper(protocol()) + " " + read.about() + " · SMTP " + found.Outgoing.about())
		s.form.suggest("in", read)
		s.form.suggest("out", found.Outgoing)
	})
}

// protocol is the one that is chosen.
func protocol() string {
	if browser.Checked("in-pop3") {
		return pop3
	}
	return imap
}

// protocolChosen shows what the chosen protocol means, and its servers and ports.
func (f *signInForm) protocolChosen() {
	chosen := protocol()
	for _, p := range []string{imap, pop3} {
		browser.SetProperty("in-"+p+"-hint", "hidden", p != chosen)
	}
	browser.SetProperty("in-keep-field", "hidden", chosen != pop3)
	if read := f.found.incoming(chosen); read != nil {
		f.showFound(strings.ToUpper(chosen) + " " + read.about() + " · SMTP " + f.found.Outgoing.about())
		f.suggest("in", read)
		return
	}
	browser.SetAttribute("in-server", "placeholder", chosen+".example.org")
	usualPort("in")
}

// usualPort sets the port of a side to that of its protocol and kind of encryption.
func usualPort(side string) {
	spoken := "smtp"
	if side == "in" {
		spoken = protocol()
	}
	browser.SetValue(side+"-port", ports[spoken][browser.Value(side+"-security")])
	warnOpen(side)
}

// keepRule is how long a POP3 server is to keep copies.
func keepRule() map[string]any {
	chosen := browser.Value("in-keep")
	if days, err := strconv.Atoi(chosen); err == nil {
		return map[string]any{"rule": "days", "days": days}
	}
	return map[string]any{"rule": chosen}
}

func (v *server) about() string {
	return v.Host + ", " + map[string]string{"tls": "TLS", "starttls": "STARTTLS", "none": words.T("not encrypted")}[v.Security]
}

// suggest shows a found server in the fields of a side, unless a person chose there.
func (f *signInForm) suggest(side string, v *server) {
	if f.chosen[side] {
		browser.SetAttribute(side+"-server", "placeholder", v.Host)
		return
	}
	v.suggest(side)
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

// host is the server of a side that was entered: by its name, or the found one to be reached
// in another way. It is empty when the bridge is to look for it.
func (f *signInForm) host(side string) string {
	if host := strings.TrimSpace(browser.Value(side + "-server")); host != "" || !f.chosen[side] {
		return host
	}
	found := f.found.Outgoing
	if side == "in" {
		found = f.found.incoming(protocol())
	}
	if found == nil {
		return ""
	}
	return found.Host
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
		"protocol": protocol(),
	}
	if protocol() == pop3 {
		form["onServer"] = keepRule()
	}
	for side, name := range map[string]string{"in": "incoming", "out": "outgoing"} {
		if host := f.host(side); host != "" {
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
