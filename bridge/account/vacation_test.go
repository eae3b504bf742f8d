package account_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/filter"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/bridge/upstream/sieve"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// home is an account whose server can filter, and the filters behind its back.
type home struct {
	*desk
	scripts upstream.Scripts
}

// newHome is an account over filters in memory.
func newHome(t *testing.T, extensions ...string) *home {
	t.Helper()
	scripts := memstore.NewScripts()
	if extensions != nil {
		scripts.Extensions = extensions
	}
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir(), server: memstore.New()}
	return openHome(t, d, d.server.Open(), scripts, scripts)
}

func openHome(t *testing.T, d *desk, store upstream.Store, scripts, behind upstream.Scripts) *home {
	t.Helper()
	a, err := account.Open(d.ctx, account.Config{
		ID: "a", Address: "ada@mail.dovecot.test", DB: d.db, Dir: d.dir, Store: store, Scripts: scripts, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	d.Account, d.set = a, account.NewSet(a)
	h := &home{d, behind}
	eventually(t, func() bool { return h.offers(jmap.CapabilityVacation) })
	return h
}

func (d *desk) offers(capability string) bool {
	return d.set.Accounts()["a"].AccountCapabilities[capability] != nil
}

func (h *home) vacation() (jmap.VacationResponse, jmap.State) {
	h.t.Helper()
	var got jmap.GetResponse[jmap.VacationResponse]
	if kind := h.vacationCall("VacationResponse/get", jmap.GetRequest{AccountId: "a"}, &got); kind != "" || len(got.List) != 1 {
		h.t.Fatalf("VacationResponse/get: %s, %v", kind, got)
	}
	return got.List[0], got.State
}

// change sets properties, and gives why not.
func (h *home) change(patch jmap.PatchObject) *jmap.SetError {
	h.t.Helper()
	var got jmap.SetResponse
	kind := h.vacationCall("VacationResponse/set", jmap.SetRequest{AccountId: "a", Update: map[jmap.Id]jmap.PatchObject{jmap.Singleton: patch}}, &got)
	if kind != "" {
		h.t.Fatalf("VacationResponse/set: %s", kind)
	}
	if e, ok := got.NotUpdated[jmap.Singleton]; ok {
		return &e
	}
	return nil
}

func (h *home) vacationCall(name string, args, answer any) string {
	h.t.Helper()
	in, err := jmap.NewInvocation(name, args, "c")
	if err != nil {
		h.t.Fatalf("%v", err)
	}
	resp, err := h.set.Call(h.ctx, &jmap.Request{Using: []string{jmap.CapabilityCore, jmap.CapabilityVacation}, MethodCalls: []jmap.Invocation{in}})
	if err != nil {
		h.t.Fatalf("%v", err)
	}
	out := resp.MethodResponses[0]
	if out.Name == "error" {
		var m jmap.MethodError
		_ = json.Unmarshal(out.Args, &m)
		return m.Type
	}
	if err := json.Unmarshal(out.Args, answer); err != nil {
		h.t.Fatalf("%s: %v", out.Args, err)
	}
	return ""
}

// put has the person keep a script of their own, and run it.
func (h *home) put(name, text string) {
	h.t.Helper()
	if err := h.scripts.Put(h.ctx, name, text); err != nil {
		h.t.Fatalf("%v", err)
	}
	if err := h.scripts.SetActive(h.ctx, name); err != nil {
		h.t.Fatalf("%v", err)
	}
}

func (h *home) text(name string) string {
	h.t.Helper()
	text, err := h.scripts.Get(h.ctx, name)
	if err != nil {
		h.t.Fatalf("%v", err)
	}
	return text
}

func (h *home) active() string {
	h.t.Helper()
	list, err := h.scripts.List(h.ctx)
	if err != nil {
		h.t.Fatalf("%v", err)
	}
	for _, s := range list {
		if s.Active {
			return s.Name
		}
	}
	return ""
}

func TestVacationBesideOthersScripts(t *testing.T) {
	on := jmap.PatchObject{"isEnabled": true, "textBody": "away"}
	enabled := func(h *home, want bool) {
		h.t.Helper()
		if v, _ := h.vacation(); v.IsEnabled != want {
			h.t.Errorf("enabled: %v", v.IsEnabled)
		}
	}
	t.Run("there was none", func(t *testing.T) {
		h := newHome(t)
		if err := h.change(on); err != nil {
			t.Fatal(err)
		}
		if h.active() != filter.MainScript || h.text(filter.MainScript) != filter.Main() {
			t.Errorf("active is %q", h.active())
		}
		enabled(h, true)
		// The person has nothing run: then nobody is answered, whatever our script says.
		if err := h.scripts.SetActive(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		enabled(h, false)
		if err := h.change(jmap.PatchObject{"isEnabled": true}); err != nil {
			t.Fatal(err)
		}
		enabled(h, true)
	})
	t.Run("of that name, changed and switched off", func(t *testing.T) {
		h := newHome(t)
		h.put(filter.MainScript, "discard;")
		_ = h.scripts.SetActive(t.Context(), "")
		if err := h.change(on); err != nil {
			t.Fatal(err)
		}
		if h.text(filter.MainScript) != "discard;" || h.active() != filter.VacationScript {
			t.Errorf("active is %q, main %q", h.active(), h.text(filter.MainScript))
		}
		enabled(h, true)
	})
	t.Run("there was one", func(t *testing.T) {
		h := newHome(t)
		h.put("mine", "require \"fileinto\";\r\nfileinto \"x\";\r\n")
		enabled(h, false)
		if err := h.change(on); err != nil {
			t.Fatal(err)
		}
		text := h.text("mine")
		if h.active() != "mine" || !strings.HasPrefix(text, "require \"fileinto\";\r\n# hearthmail begin") || !strings.HasSuffix(text, "# hearthmail end\r\nfileinto \"x\";\r\n") {
			t.Errorf("active is %q:\n%s", h.active(), text)
		}
		enabled(h, true)
		if err := h.change(jmap.PatchObject{"isEnabled": false}); err != nil {
			t.Fatal(err)
		}
		if err := h.change(on); err != nil || h.text("mine") != text {
			t.Errorf("the second time it became\n%s (%v)", h.text("mine"), err)
		}
	})
	t.Run("included by one that is included", func(t *testing.T) {
		h := newHome(t)
		h.put("rules", "require \"include\"; include \"hearthmail-vacation\";")
		h.put("mine", "require \"include\"; include \"rules\"; include \"mine\"; include \"gone\";")
		if err := h.change(on); err != nil || h.text("mine") != "require \"include\"; include \"rules\"; include \"mine\"; include \"gone\";" {
			t.Errorf("%q (%v)", h.text("mine"), err)
		}
		enabled(h, true)
	})
	t.Run("another replies", func(t *testing.T) {
		h := newHome(t)
		h.put("replies", "require \"vacation\"; vacation \"from another program\";")
		h.put("mine", "require \"include\"; include \"replies\";")
		enabled(h, false)
		err := h.change(on)
		if err == nil || err.Type != jmap.SetForbidden || !strings.Contains(err.Description, `"replies"`) {
			t.Errorf("%v", err)
		}
		list, _ := h.scripts.List(t.Context())
		if len(list) != 2 || h.text("replies") != "require \"vacation\"; vacation \"from another program\";" {
			t.Errorf("scripts %v", list)
		}
		// What is written for later is kept.
		if err := h.change(jmap.PatchObject{"textBody": "for later"}); err != nil {
			t.Error(err)
		}
		if v, _ := h.vacation(); v.TextBody == nil || *v.TextBody != "for later" {
			t.Errorf("%+v", v)
		}
	})
	t.Run("no include", func(t *testing.T) {
		h := newHome(t, "vacation")
		h.put("mine", "keep;")
		err := h.change(on)
		if err == nil || err.Type != jmap.SetForbidden || !strings.Contains(err.Description, `"mine"`) || h.text("mine") != "keep;" || h.active() != "mine" {
			t.Errorf("%v", err)
		}
		_ = h.scripts.SetActive(t.Context(), "")
		if err := h.change(on); err != nil || h.active() != filter.VacationScript {
			t.Errorf("active is %q (%v)", h.active(), err)
		}
		enabled(h, true)
	})
	t.Run("no dates", func(t *testing.T) {
		h := newHome(t, "vacation", "include")
		dates := jmap.PatchObject{"isEnabled": true, "toDate": "2026-03-01T00:00:00Z"}
		if err := h.change(dates); err == nil || err.Type != jmap.SetInvalidProperties {
			t.Errorf("%v", err)
		}
		enabled(h, false)
	})
	t.Run("it cannot be read", func(t *testing.T) {
		h := newHome(t)
		h.put("mine", "keep; \"")
		if err := h.change(on); err == nil || err.Type != jmap.SetForbidden || h.text("mine") != "keep; \"" {
			t.Errorf("%v", err)
		}
	})
}

func TestVacationStates(t *testing.T) {
	h := newHome(t)
	ctx := t.Context()
	changes := h.set.Listen(ctx, "")
	_, before := h.vacation()
	if err := h.change(jmap.PatchObject{"subject": "one"}); err != nil {
		t.Fatal(err)
	}
	_, first := h.vacation()
	if first == before {
		t.Error("the state is the same after a change")
	}
	for change := range changes {
		if state := change.Changed["a"]["VacationResponse"]; state != "" {
			if state != first {
				t.Errorf("pushed %q, want %q", state, first)
			}
			break
		}
	}
	// Another program has its way; whoever asks next knows.
	text, _ := filter.Vacation(&jmap.VacationResponse{Id: jmap.Singleton}, nil)
	if err := h.scripts.Put(ctx, filter.VacationScript, text); err != nil {
		t.Fatal(err)
	}
	if v, second := h.vacation(); second == first || v.Subject != nil {
		t.Errorf("state %q, %+v", second, v)
	}
}

func TestServersThatFailToFilter(t *testing.T) {
	scripts := memstore.NewScripts()
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir(), server: memstore.New()}
	h := openHome(t, d, d.server.Open(), scripts, scripts)
	scripts.Fail(&upstream.Error{Kind: upstream.KindConnect, Server: "memory", Step: "connecting"})
	if kind := h.vacationCall("VacationResponse/get", jmap.GetRequest{AccountId: "a"}, nil); kind != jmap.ServerUnavailable {
		t.Errorf("error %q", kind)
	}
	scripts.Fail(nil)
	err := h.change(jmap.PatchObject{"textBody": strings.Repeat("x", 20_000)})
	if err == nil || err.Type != jmap.SetOverQuota || !strings.Contains(err.Description, "the script is too long") {
		t.Errorf("error %v", err)
	}
	if err := h.change(jmap.PatchObject{"textBody": strings.Repeat("x", 70_000)}); err == nil || err.Type != jmap.SetTooLarge {
		t.Errorf("error %v", err)
	}
}

func TestOffersAreRemembered(t *testing.T) {
	scripts := memstore.NewScripts()
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir(), server: memstore.New()}
	open := func(scripts upstream.Scripts) {
		t.Helper()
		a, err := account.Open(d.ctx, account.Config{ID: "a", Address: "ada@hearth.test", DB: d.db, Dir: d.dir, Store: d.server.Open(), Scripts: scripts, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		d.Account, d.set = a, account.NewSet(a)
	}
	down := &upstream.Error{Kind: upstream.KindTimeout, Server: "memory", Step: "connecting"}
	scripts.Fail(down)
	open(scripts)
	eventually(t, func() bool { return d.offers(jmap.CapabilityQuota) })
	if d.offers(jmap.CapabilityVacation) {
		t.Error("a server that is down offers something")
	}
	d.stop()

	scripts.Fail(nil)
	open(scripts)
	eventually(t, func() bool { return d.offers(jmap.CapabilityVacation) })
	d.stop()

	scripts.Fail(down)
	open(scripts)
	if !d.offers(jmap.CapabilityVacation) {
		t.Error("what the server offered is forgotten while it is down")
	}
	d.stop()

	scripts.Fail(&upstream.Error{Kind: upstream.KindAuth, Server: "memory", Step: "signing in"})
	open(scripts)
	eventually(t, func() bool { return !d.offers(jmap.CapabilityVacation) })
	d.stop()
}

// slow is a server for filters that thinks a while.
type slow struct{ *memstore.Scripts }

func (s slow) Offers(ctx context.Context) (upstream.ScriptOffers, error) {
	time.Sleep(100 * time.Millisecond)
	return s.Scripts.Offers(ctx)
}

func TestFirstSignInWaitsForOffers(t *testing.T) {
	d := &desk{t: t, ctx: t.Context(), db: openDB(t), server: memstore.New()}
	pool := account.NewPool(d.db, t.TempDir(), slog.New(slog.DiscardHandler))
	defer pool.Close()
	set, err := pool.Open(t.Context(), []account.Login{{
		ID: "a", Address: "ada@hearth.test",
		Connect: func(context.Context, bool) (upstream.Store, upstream.Sender, error) { return d.server.Open(), nil, nil },
		Scripts: func() upstream.Scripts { return slow{memstore.NewScripts()} },
	}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if d.set = set; !d.offers(jmap.CapabilityVacation) || !d.offers(jmap.CapabilityQuota) {
		t.Errorf("the first session has %v", set.Accounts()["a"].AccountCapabilities)
	}
}

// On a real server, mail that arrives is answered, and the person's own filters go on.
func TestMailIsReallyAnswered(t *testing.T) {
	s := dovecot.Start(t, dovecot.Options{Sieve: true})
	server := func() upstream.Scripts {
		return sieve.New(sieve.Config{Server: s.ManageSieve("ada", upstream.STARTTLS), Password: dovecot.Password, Dialer: s.Dialer})
	}
	behind := server()
	t.Cleanup(func() { _ = behind.Close() })
	store := imapstore.New(imapstore.Config{Server: s.IMAP("ada", upstream.TLS), Password: dovecot.Password, Dialer: s.Dialer, Log: slog.New(slog.DiscardHandler)})
	h := openHome(t, &desk{t: t, ctx: t.Context(), db: openDB(t), dir: t.TempDir()}, store, server(), behind)

	from := 0
	arrive := func(subject string) []string {
		t.Helper()
		from++ // nobody is answered twice
		sender := string(rune('a'+from)) + "@example.org"
		s.LDA(t, "ada", sender, []byte("From: "+sender+"\nTo: ada@mail.dovecot.test\nSubject: "+subject+"\n\nhello\n"))
		sent := s.Sent(t)
		for i := range sent {
			sent[i] = strings.ReplaceAll(sent[i], "\r\n", "\n")
		}
		return sent
	}
	mails := func(mailbox string) string {
		out := s.Doveadm(t, "mailbox", "status", "-u", "ada", "messages", mailbox)
		return strings.TrimSpace(out[strings.LastIndex(out, "=")+1:])
	}
	if sent := arrive("first"); len(sent) != 0 {
		t.Fatalf("answered before it was switched on: %q", sent)
	}

	h.put("mine", "require [\"fileinto\"];\r\nif header :contains \"subject\" \"travel\" { fileinto \"Archive\"; stop; }\r\n")
	if err := h.change(jmap.PatchObject{"isEnabled": true, "subject": "Fort – bis Montag", "textBody": "Ich bin weg.\n.\nGrüße, Ada"}); err != nil {
		t.Fatal(err)
	}
	if v, _ := h.vacation(); !v.IsEnabled {
		t.Error("it is not enabled")
	}
	sent := arrive("about travel")
	if len(sent) != 1 || !strings.Contains(sent[0], "Ich bin weg.\n.\nGr") || !strings.Contains(sent[0], "\nTo: <c@example.org>\n") {
		t.Errorf("sent %q", sent)
	}
	if len(sent) == 1 && !strings.Contains(sent[0], "\nSubject: Fort =?utf-8?b?4oCT?= bis Montag\n") {
		t.Errorf("subject of %s", sent[0])
	}
	if mails("Archive") != "1" || mails("INBOX") != "1" {
		t.Errorf("Archive has %s, INBOX %s", mails("Archive"), mails("INBOX"))
	}

	if err := h.change(jmap.PatchObject{"htmlBody": "<p>Ich bin <b>weg</b>.</p>", "textBody": nil}); err != nil {
		t.Fatal(err)
	}
	sent = arrive("html")
	if len(sent) != 1 || !strings.Contains(sent[0], "multipart/alternative") || !strings.Contains(sent[0], "<p>Ich bin <b>weg</b>.</p>") || !strings.Contains(sent[0], "\nIch bin weg.\n") {
		t.Errorf("sent %q", sent)
	}

	now := time.Now().UTC().Truncate(time.Second)
	hour := func(n int) string { return now.Add(time.Duration(n) * time.Hour).Format(time.RFC3339) }
	for _, c := range []struct {
		from, to any
		answered int
	}{{hour(-1), hour(1), 1}, {hour(1), nil, 0}, {nil, hour(-1), 0}, {hour(-1), nil, 1}, {nil, hour(1), 1}, {hour(-2), hour(-1), 0}, {hour(1), hour(2), 0}} {
		if err := h.change(jmap.PatchObject{"fromDate": c.from, "toDate": c.to}); err != nil {
			t.Fatal(err)
		}
		if sent := arrive("dates"); len(sent) != c.answered {
			t.Errorf("from %v to %v: sent %q", c.from, c.to, sent)
		}
	}

	if err := h.change(jmap.PatchObject{"isEnabled": false, "fromDate": nil, "toDate": nil}); err != nil {
		t.Fatal(err)
	}
	if sent := arrive("travel again"); len(sent) != 0 {
		t.Errorf("answered after it was switched off: %q", sent)
	}
	if mails("Archive") != "2" {
		t.Errorf("Archive has %s", mails("Archive"))
	}
}
