package method_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/push"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/memstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var update = flag.Bool("update", false, "write down what is answered")

// TestTranscripts plays testdata/*.txtar: conversations with an account that has the
// mail of testdata/mail. A file's sections are calls, "-- Email/get --" with the
// arguments, "-- bridge Email/get --" for a client that uses jmap.CapabilityBridge, or
// "-- request --" with a list of calls; each is followed by its "-- answer --". What differs from run to run is written by name: states are state1,
// state2 …, those of queries query1 …, submissions submission1 …, accounts that were added account1 …; calls may use these names. "-- deliver --" is mail
// that arrives, "-- upload TYPE --" a blob. Grace's account g has the usual mailboxes and no mail. accountId and the call id are added where they
// are missing.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			play(t, file)
		})
	}
}

func play(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(t)
	if strings.HasPrefix(filepath.Base(file), "bridgeaccount") {
		p.seeToAccounts()
	}
	var out []txtar.File
	for i, section := range a.Files {
		if section.Name == "answer" {
			continue
		}
		said, prose := split(section)
		got := p.say(section.Name, said)
		out = append(out, txtar.File{Name: section.Name, Data: said})
		if got == nil {
			continue
		}
		var want []byte
		if i+1 < len(a.Files) && a.Files[i+1].Name == "answer" {
			want, prose = split(a.Files[i+1])
		}
		out = append(out, txtar.File{Name: "answer", Data: slices.Concat(got, prose)})
		if !*update && !bytes.Equal(bytes.TrimSpace(want), bytes.TrimSpace(got)) {
			t.Errorf("%s\n%s\nanswer:\n%s\nwant:\n%s", section.Name, section.Data, got, want)
		}
	}
	if *update {
		a.Files = out
		if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// split parts the JSON of a section from the sentences after it.
func split(section txtar.File) (said, prose []byte) {
	if section.Name == "deliver" || strings.HasPrefix(section.Name, "upload ") {
		return section.Data, nil
	}
	dec := json.NewDecoder(bytes.NewReader(section.Data))
	if dec.Decode(new(any)) != nil {
		return section.Data, nil
	}
	end := dec.InputOffset()
	return append(section.Data[:end:end], '\n'), bytes.TrimLeft(section.Data[end:], "\n")
}

// player is one conversation.
type player struct {
	t       testing.TB
	mail    *memstore.Store
	account *account.Account
	set     *account.Set
	using   []string
	names   map[string]string // what varies, by what is written for it
}

// still is a store whose server tells nothing by itself, so that every change in a
// transcript comes from what is said in it.
type still struct{ *memstore.Store }

func (s still) Watch(ctx context.Context) <-chan upstream.Event {
	ch := make(chan upstream.Event)
	context.AfterFunc(ctx, func() { close(ch) })
	return ch
}

func newPlayer(t testing.TB) *player {
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for room, steps := range map[string][]string{"account": account.Schema, "outbox": outbox.Schema, "push": push.Schema} {
		if err := database.Migrate(t.Context(), db, room, steps); err != nil {
			t.Fatal(err)
		}
	}
	open := func(id jmap.Id, name, address string, store *memstore.Store, scripts upstream.Scripts) *account.Account {
		a, err := account.Open(t.Context(), account.Config{
			ID: id, Name: name, Address: address,
			DB: db, Dir: t.TempDir(), Store: still{store}, Sender: sender{}, Scripts: scripts, Log: slog.New(slog.DiscardHandler),
			Web: &http.Client{Transport: lists{}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		return a
	}
	store := memstore.New().Open()
	fill(t, store)
	a := open("a", "Ada", "ada@hearth.test", store, memstore.NewScripts())
	p := &player{t: t, mail: store, account: a, set: account.NewSet(a), using: slices.Clone(using), names: map[string]string{}}
	p.settle() // and with it the ids of Ada's mailboxes, before those of Grace
	set := account.NewSet(a, open("g", "Grace", "grace@hearth.test", memstore.New().Open(), nil))
	pusher, err := push.New(t.Context(), push.Config{
		DB: db, Dir: t.TempDir(), Client: &http.Client{Transport: nowhere{}}, Log: slog.New(slog.DiscardHandler),
		Alive: func(context.Context, string) (bool, error) { return true, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pusher.Close)
	p.set = set.WithPush(pusher.Attend("session 1", set))
	return p
}

// lists are the web servers of mailing lists: lists.hearth.test takes what RFC 8058 says and
// answers with a page, moved.hearth.test with a redirect, others are not there.
type lists struct{}

func (lists) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || string(body) != "List-Unsubscribe=One-Click" || r.Header.Get("Cookie") != "" {
		return nil, errors.New("this is no request to unsubscribe")
	}
	answer := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("a page")), Request: r}
	switch r.URL.String() {
	case "https://lists.hearth.test/u/7?who=ada":
		answer.StatusCode = http.StatusOK
	case "https://moved.hearth.test/u":
		answer.StatusCode = http.StatusFound
		answer.Header.Set("Location", "https://lists.hearth.test/u/7?who=ada")
	default:
		return nil, io.ErrUnexpectedEOF
	}
	return answer, nil
}

// nowhere reaches no push service.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// settle opens every mailbox, and waits for the counts, the threads and what the servers
// offer, which follow by themselves.
func (p *player) settle() {
	for i := range 6 {
		p.call(fmt.Sprintf(`[["Email/query",{"accountId":"a","filter":{"inMailbox":"m%d"}},"q"]]`, i+1))
	}
	for counted := false; !counted; {
		raw := p.call(`[["Mailbox/get",{"accountId":"a","properties":["unreadEmails"]},"c"]]`)
		counted = bytes.Contains(raw, []byte(`"unreadEmails":2`))
	}
	for offered := false; !offered; time.Sleep(time.Millisecond) {
		capabilities := p.set.Accounts()["a"].AccountCapabilities
		offered = capabilities[jmap.CapabilityVacation] != nil && capabilities[jmap.CapabilityQuota] != nil
	}
	if err := p.account.Indexed(p.t.Context()); err != nil {
		p.t.Fatal("threads are not indexed", err)
	}
}

// sender takes every message of at most 500 octets, but those to a recipient called
// nobody, or by a sender with the detail spam.
type sender struct{}

func (sender) Check(context.Context) error { return nil }

func (sender) MaxSize() int64 { return 500 }

func (sender) Send(_ context.Context, msg upstream.Outgoing) (upstream.Receipt, error) {
	var r upstream.Receipt
	var err error
	if strings.Contains(msg.From, "+spam@") {
		return r, &upstream.Error{Kind: upstream.KindRefused, Server: "smtp.hearth.test:465", Step: upstream.StepSender, Text: "go away"}
	}
	for _, to := range msg.To {
		reply := upstream.Reply{Code: 250, Enhanced: "2.1.5", Text: "OK"}
		if strings.HasPrefix(to, "nobody@") {
			reply = upstream.Reply{Code: 550, Enhanced: "5.1.1", Text: "nobody here is called that"}
			err = &upstream.Error{Kind: upstream.KindRefused, Server: "smtp.hearth.test:465", Step: upstream.StepRecipients, Text: reply.Text, Err: errors.New("refused")}
		}
		r.Replies = append(r.Replies, reply)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, msg.Body)
	}
	return r, err
}

// fill puts testdata/mail into the mailboxes. A file is named MAILBOX-NUMBER-KEYWORDS.eml;
// messages are an hour apart.
func fill(t testing.TB, store *memstore.Store) {
	files, err := filepath.Glob("testdata/mail/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		name := strings.Split(strings.TrimSuffix(filepath.Base(file), ".eml"), "-")
		keywords := map[string]bool{}
		for _, k := range name[2:] {
			keywords["$"+k] = true
		}
		received := time.Date(2026, 3, 1, i, 0, 0, 0, time.UTC)
		if _, _, err := store.Append(t.Context(), name[0], newMessage(t, file, keywords, received)); err != nil {
			t.Fatal(err)
		}
	}
}

func newMessage(t testing.TB, file string, keywords map[string]bool, received time.Time) upstream.NewMessage {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	raw := crlf(text)
	return upstream.NewMessage{Body: bytes.NewReader(raw), Size: int64(len(raw)), Keywords: keywords, ReceivedAt: received}
}

func crlf(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }

// say plays one section and gives the answer, nil where there is none to write down.
func (p *player) say(name string, data []byte) []byte {
	p.t.Helper()
	text := string(data)
	for shown, real := range p.names {
		text = strings.ReplaceAll(text, `"`+shown+`"`, `"`+real+`"`)
	}
	verb, rest, _ := strings.Cut(name, " ")
	switch verb {
	case "deliver":
		raw := crlf(data)
		_, _, err := p.mail.Append(p.t.Context(), "INBOX", upstream.NewMessage{Body: bytes.NewReader(raw), Size: int64(len(raw)), ReceivedAt: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			p.t.Fatal(err)
		}
		return nil
	case "upload":
		up, err := p.set.Upload(p.t.Context(), "a", rest, strings.NewReader(text))
		if err != nil {
			p.t.Fatal(err)
		}
		raw, _ := json.Marshal(up)
		return p.write(raw)
	case "request":
		return p.write(p.call(text))
	case "bridge":
		p.using = append(p.using, jmap.CapabilityBridge)
		defer func() { p.using = p.using[:len(p.using)-1] }()
		name = rest
	}
	var args map[string]any
	if err := json.Unmarshal([]byte(text), &args); err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	if _, ok := args["accountId"]; !ok && name != "Core/echo" && !strings.HasPrefix(name, "PushSubscription/") {
		args["accountId"] = "a"
	}
	raw, _ := json.Marshal([]any{[]any{name, args, "c"}})
	return p.write(p.call(string(raw)))
}

// using is what the requests of transcripts use.
var using = []string{
	jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission, jmap.CapabilityVacation, jmap.CapabilityBlob, jmap.CapabilityQuota,
}

// call makes calls and gives the answers.
func (p *player) call(calls string) []byte {
	p.t.Helper()
	req := &jmap.Request{Using: p.using}
	if err := json.Unmarshal([]byte(calls), &req.MethodCalls); err != nil {
		p.t.Fatalf("%v in %s", err, calls)
	}
	resp, err := p.set.Call(p.t.Context(), req)
	if err != nil {
		p.t.Fatal(err)
	}
	raw, err := json.Marshal(resp.MethodResponses)
	if err != nil {
		p.t.Fatal(err)
	}
	return raw
}

var (
	statePattern      = regexp.MustCompile(`"[a-z2-7]{8}\.\d+"`)
	queryPattern      = regexp.MustCompile(`"q[0-9a-f]{16}"`)
	submissionPattern = regexp.MustCompile(`"s[a-z2-7]{26}"`)
	accountPattern    = regexp.MustCompile(`"a[a-z2-7]{26}"`)
	pushPattern       = regexp.MustCompile(`"p[a-z2-7]{26}"`)
	nowPattern        = regexp.MustCompile(`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"`)
	madePattern       = regexp.MustCompile(`[a-z2-7]{20,}@hearth\.test`)
)

// write writes an answer down, with what varies by name.
func (p *player) write(raw []byte) []byte {
	text := statePattern.ReplaceAllStringFunc(string(raw), func(s string) string { return p.name("state", s) })
	text = queryPattern.ReplaceAllStringFunc(text, func(s string) string { return p.name("query", s) })
	text = submissionPattern.ReplaceAllStringFunc(text, func(s string) string { return p.name("submission", s) })
	text = pushPattern.ReplaceAllStringFunc(text, func(s string) string { return p.name("push", s) })
	text = accountPattern.ReplaceAllStringFunc(text, func(s string) string { return p.name("account", s) })
	text = madePattern.ReplaceAllString(text, "made@hearth.test")
	text = nowPattern.ReplaceAllStringFunc(text, func(s string) string {
		at, err := time.Parse(`"2006-01-02T15:04:05Z"`, s)
		if err == nil && time.Since(at) < time.Hour && time.Since(at) > -time.Minute {
			return `"now"`
		}
		if in := time.Until(at) - 7*24*time.Hour; err == nil && in > -time.Hour && in < time.Minute {
			return `"in a week"`
		}
		return s
	})
	var b strings.Builder
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		p.t.Fatal(err)
	}
	layOut(&b, v, "")
	return []byte(b.String() + "\n")
}

// name is what is written for something that varies.
func (p *player) name(kind, quoted string) string {
	real := strings.Trim(quoted, `"`)
	n := 1
	for shown, known := range p.names {
		if known == real {
			return `"` + shown + `"`
		}
		if strings.HasPrefix(shown, kind) {
			n++
		}
	}
	shown := kind + strconv.Itoa(n)
	p.names[shown] = real
	return `"` + shown + `"`
}

// layOut writes JSON with what fits on one line on one line.
func layOut(b *strings.Builder, v any, indent string) {
	raw := compact(v)
	if len(indent)+len(raw) <= 120 {
		b.WriteString(raw)
		return
	}
	inner := indent + "  "
	switch v := v.(type) {
	case []any:
		b.WriteString("[")
		for i, item := range v {
			fmt.Fprintf(b, "%s\n%s", strings.Repeat(",", min(i, 1)), inner)
			layOut(b, item, inner)
		}
		b.WriteString("\n" + indent + "]")
	case map[string]any:
		b.WriteString("{")
		for i, key := range sorted(v) {
			fmt.Fprintf(b, "%s\n%s%q: ", strings.Repeat(",", min(i, 1)), inner, key)
			layOut(b, v[key], inner)
		}
		b.WriteString("\n" + indent + "}")
	default:
		b.WriteString(raw)
	}
}

func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // what was decoded can be encoded
	raw := strings.TrimSpace(b.String())
	return raw
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
