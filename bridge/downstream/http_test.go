package downstream_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/downstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestHeaders: every answer, whatever it is, is told to browsers as narrowly as can be.
func TestHeaders(t *testing.T) {
	h := newHouse(t, func(c *downstream.Config) { c.Secure = true })
	b := h.browser()
	want := map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "no-referrer",
		"Strict-Transport-Security":    "max-age=31536000",
	}
	for _, request := range []string{
		"GET /", "GET /mail/x", "GET /assets/app-1a.wasm", "GET /assets/nothing.js", "GET /nothing.txt", "GET /healthz", "DELETE /",
		"GET /.well-known/jmap", "POST /jmap/api", "GET /jmap/ws", "GET /jmap/eventsource", "POST /jmap/upload/a", "GET /jmap/download/a/b/c",
		"POST /auth/signin", "POST /auth/signout", "POST /auth/discover", "GET /auth/signin",
	} {
		method, path, _ := strings.Cut(request, " ")
		resp := b.do(method, path, nil, nil)
		for name, value := range want {
			if got := resp.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q", request, name, got)
			}
		}
		csp := resp.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: the policy lacks %s: %s", request, part, csp)
			}
		}
		if cache := resp.Header.Get("Cache-Control"); cache != "no-store" && !strings.HasPrefix(path, "/assets/app") && resp.StatusCode != http.StatusOK {
			t.Errorf("%s: Cache-Control is %q", request, cache)
		}
	}
}

func TestFiles(t *testing.T) {
	b := newHouse(t).browser()
	cases := []struct {
		path, accepts string
		status        int
		body, coding  string
		mediaType     string
	}{
		{"/assets/app-1a.wasm", "gzip, deflate, br", 200, "brotli wasm", "br", "application/wasm"},
		{"/assets/app-1a.wasm", "gzip;q=0.5, br;q=0", 200, "gzip wasm", "gzip", "application/wasm"},
		{"/assets/app-1a.wasm", "identity", 200, "plain wasm", "", "application/wasm"},
		{"/assets/app-1a.css", "br", 200, "css", "", "text/css; charset=utf-8"},
		{"/assets/app-1a.wasm.br", "br", 404, "404 page not found\n", "", "text/plain; charset=utf-8"},
		{"/assets/../index.html", "br", 200, "<!doctype html>the app", "", "text/html; charset=utf-8"},
		{"/assets/%2e%2e/index.html", "br", 404, "404 page not found\n", "", "text/plain; charset=utf-8"},
		{"/", "br", 200, "<!doctype html>the app", "", "text/html; charset=utf-8"},
		{"/mail/inbox/e1-1-1", "br", 200, "<!doctype html>the app", "", "text/html; charset=utf-8"},
		{"/sw.js", "", 200, "worker", "", "text/javascript; charset=utf-8"},
		{"/manifest.webmanifest", "", 200, "{}", "", "application/manifest+json"},
		{"/favicon.ico", "", 404, "404 page not found\n", "", "text/plain; charset=utf-8"},
		{"/.env", "", 404, "404 page not found\n", "", "text/plain; charset=utf-8"},
	}
	for _, c := range cases {
		resp := b.do("GET", c.path, nil, header("Accept-Encoding", c.accepts))
		if resp.StatusCode != c.status || resp.text != c.body || resp.Header.Get("Content-Encoding") != c.coding || resp.Header.Get("Content-Type") != c.mediaType {
			t.Errorf("%s (%s): %d %q %q %q", c.path, c.accepts, resp.StatusCode, resp.text, resp.Header.Get("Content-Encoding"), resp.Header.Get("Content-Type"))
		}
		if want := strings.HasPrefix(c.path, "/assets/app") && c.status == 200; strings.Contains(resp.Header.Get("Cache-Control"), "immutable") != want {
			t.Errorf("%s: Cache-Control is %q", c.path, resp.Header.Get("Cache-Control"))
		}
	}
	page := b.get("/")
	if again := b.do("GET", "/", nil, header("If-None-Match", page.Header.Get("ETag"))); again.StatusCode != http.StatusNotModified || again.text != "" {
		t.Errorf("the same page again: %s %q", again.Status, again.text)
	}
	if head := b.do("HEAD", "/", nil, nil); head.StatusCode != 200 || head.text != "" || head.Header.Get("Content-Length") != strconv.Itoa(len(page.text)) {
		t.Errorf("HEAD: %s %q %s", head.Status, head.text, head.Header.Get("Content-Length"))
	}
}

func TestSessionObject(t *testing.T) {
	h := newHouse(t)
	if resp := h.browser().get("/jmap/session"); resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("nobody is signed in, and it is %s", resp.Status)
	}
	// A browser must not ask for a password with a window of its own.
	if resp := h.browser().do("GET", "/jmap/session", nil, header("Sec-Fetch-Mode", "cors")); resp.Header.Get("WWW-Authenticate") != "" {
		t.Error("a browser is asked to ask")
	}
	b := h.signIn("ada@hearth.test")
	s := b.session()
	for _, uri := range []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission, jmap.CapabilityWebSocket} {
		if len(s.Capabilities[uri]) == 0 {
			t.Errorf("no capability %s", uri)
		}
	}
	id := b.account()
	if s.Username != "ada@hearth.test" || s.Accounts[id].Name != "ada@hearth.test" || !s.Accounts[id].IsPersonal || s.PrimaryAccounts[jmap.CapabilityMail] != id {
		t.Errorf("session %+v", s)
	}
	for _, variable := range []string{"{accountId}", "{blobId}", "{name}", "{type}"} {
		if !strings.Contains(s.DownloadURL, variable) {
			t.Errorf("downloadUrl %s lacks %s", s.DownloadURL, variable)
		}
	}
	if !strings.Contains(s.UploadURL, "{accountId}") || !strings.Contains(s.EventSourceURL, "{closeafter}") || s.State == "" {
		t.Errorf("session %+v", s)
	}
}

// TestRequests: what is refused as a whole, and how (RFC 8620 §3.6.1).
func TestRequests(t *testing.T) {
	b := newHouse(t).signIn("ada@hearth.test")
	if got := b.call(`[["Core/echo",{"x":1},"c"]]`); !strings.Contains(got, `["Core/echo",{"x":1},"c"]`) || !strings.Contains(got, `"sessionState":`) {
		t.Errorf("echo: %s", got)
	}
	many := `{"using":[],"methodCalls":[` + strings.TrimSuffix(strings.Repeat(`["Core/echo",{},"c"],`, 65), ",") + `]}`
	for body, says := range map[string]string{
		`nonsense`: "notJSON",
		`[]`:       "notRequest",
		`{}`:       "notRequest",
		`{"using":["urn:ietf:params:jmap:core"]}`:            "notRequest",
		`{"using":"x","methodCalls":[]}`:                     "notRequest",
		`{"using":[],"methodCalls":[["Core/echo",{}]]}`:      "notRequest",
		`{"using":[],"methodCalls":[],"createdIds":[]}`:      "notRequest",
		`{"using":["urn:example:nothing"],"methodCalls":[]}`: "unknownCapability",
		many:                                    `"limit":"maxCallsInRequest"`,
		`"` + strings.Repeat("x", 10<<20) + `"`: `"limit":"maxSizeRequest"`,
	} {
		resp := b.post("/jmap/api", body)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(resp.text, says) || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60s: %s %s", body, resp.Status, resp.text)
		}
	}
	if resp := b.do("POST", "/jmap/api", strings.NewReader(`{"using":[],"methodCalls":[]}`), header("Content-Type", "text/plain")); !strings.Contains(resp.text, "notJSON") {
		t.Errorf("a form's content type: %s %s", resp.Status, resp.text)
	}
}

// TestBlobs: what is uploaded comes back, whole and in pieces, and never as a page.
func TestBlobs(t *testing.T) {
	b := newHouse(t).signIn("ada@hearth.test")
	id := string(b.account())
	resp := b.do("POST", "/jmap/upload/"+id, strings.NewReader("<script>0123456789"), header("Content-Type", "text/html"))
	if resp.StatusCode != http.StatusCreated || !strings.Contains(resp.text, `"size":18`) || !strings.Contains(resp.text, `"type":"text/html"`) {
		t.Fatalf("upload: %s %s", resp.Status, resp.text)
	}
	_, blob, _ := strings.Cut(resp.text, `"blobId":"`)
	blob, _, _ = strings.Cut(blob, `"`)
	path := "/jmap/download/" + id + "/" + blob + "/"
	for request, want := range map[string]struct {
		status      int
		body, about string
	}{
		"":                            {200, "<script>0123456789", ""},
		"bytes=8-10":                  {206, "012", "bytes 8-10/18"},
		"bytes=8-":                    {206, "0123456789", "bytes 8-17/18"},
		"bytes=-3":                    {206, "789", "bytes 15-17/18"},
		"bytes=-300":                  {206, "<script>0123456789", "bytes 0-17/18"},
		"bytes=10-1000":               {206, "23456789", "bytes 10-17/18"},
		"bytes=18-":                   {416, "", "bytes */18"},
		"bytes=5-2":                   {200, "<script>0123456789", ""},
		"bytes=0-1,3-4":               {200, "<script>0123456789", ""},
		"bytes=--1":                   {200, "<script>0123456789", ""},
		"bytes=-0":                    {416, "", "bytes */18"},
		"bytes=a-b":                   {200, "<script>0123456789", ""},
		"lines=1-2":                   {200, "<script>0123456789", ""},
		"bytes=99999999999999999999-": {200, "<script>0123456789", ""},
	} {
		got := b.do("GET", path+"x.html", nil, header("Range", request))
		if got.StatusCode != want.status || want.body != "" && got.text != want.body || got.Header.Get("Content-Range") != want.about {
			t.Errorf("%s: %s %q %q", request, got.Status, got.text, got.Header.Get("Content-Range"))
		}
	}
	for asked, served := range map[string]string{
		"image/png": "image/png", "application/json": "application/json", "text/plain;charset=utf-8": "text/plain; charset=utf-8", "message/rfc822": "application/octet-stream",
		"text/html": "application/octet-stream", "image/svg+xml": "application/octet-stream", "application/xhtml+xml": "application/octet-stream",
		"text/javascript": "application/octet-stream", "nonsense": "application/octet-stream", "": "application/octet-stream", "a/b\r\nX: y": "application/octet-stream",
	} {
		got := b.do("GET", path+"x", nil, func(r *http.Request) {
			q := r.URL.Query()
			q.Set("accept", asked)
			r.URL.RawQuery = q.Encode()
		})
		if got.Header.Get("Content-Type") != served || !strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %q %q", asked, got.Header.Get("Content-Type"), got.Header.Get("Content-Security-Policy"))
		}
	}
	for name, disposition := range map[string]string{
		"letter.txt":            `attachment; filename="letter.txt"; filename*=UTF-8''letter.txt`,
		"Gr%C3%BC%C3%9Fe.txt":   `attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt`,
		"a%22%0D%0AX:%20y":      `attachment; filename="a___X: y"; filename*=UTF-8''a%22%0D%0AX%3A%20y`,
		"%E2%80%AEgpj.exe":      `attachment; filename="_gpj.exe"; filename*=UTF-8''%E2%80%AEgpj.exe`,
		"..%2F..%2Fetc%2Fhosts": `attachment; filename=".._.._etc_hosts"; filename*=UTF-8''..%2F..%2Fetc%2Fhosts`,
	} {
		got := b.get(path + name)
		if got.Header.Get("Content-Disposition") != disposition || got.Header.Get("X") != "" {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.Header.Get("Content-Disposition"))
		}
	}
	email := b.newest(jmap.Id(id))
	if got := b.get("/jmap/download/" + id + "/b" + email + "/mail.eml"); !strings.Contains(got.text, "\r\nSubject: "+canary+"\r\n") || got.Header.Get("Content-Length") != strconv.Itoa(len(got.text)) {
		t.Errorf("the message: %s %q", got.Status, got.text)
	}
	for _, gone := range []string{"b", "be1-1-99", "u" + strings.Repeat("0", 64), "..%2F..", "u..%2F..%2Fhearthmail.db"} {
		if got := b.get("/jmap/download/" + id + "/" + gone + "/x"); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", gone, got.Status)
		}
	}
	big := b.do("POST", "/jmap/upload/"+id, io.LimitReader(zeros{}, 100<<20+1), nil)
	if big.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(big.text, "maxSizeUpload") {
		t.Errorf("too much: %s %s", big.Status, big.text)
	}
}

// TestBlobConditions: a blob never changes, and clients that have it are spared it (RFC
// 9110 §13).
func TestBlobConditions(t *testing.T) {
	h := newHouse(t)
	b := h.signIn("ada@hearth.test")
	id := string(b.account())
	upload := func(body, mediaType string) (blob string) {
		resp := b.do("POST", "/jmap/upload/"+id, strings.NewReader(body), header("Content-Type", mediaType))
		_, blob, _ = strings.Cut(resp.text, `"blobId":"`)
		blob, _, _ = strings.Cut(blob, `"`)
		return blob
	}
	blob := upload("0123456789", "text/plain")
	path := "/jmap/download/" + id + "/" + blob + "/x.txt?accept=text%2Fplain"
	tag := b.get(path).Header.Get("ETag")
	if tag != `"`+blob+`"` {
		t.Errorf("ETag %s", tag)
	}
	for _, c := range []struct {
		conditions map[string]string
		status     int
		body       string
	}{
		{map[string]string{"If-None-Match": tag}, 304, ""},
		{map[string]string{"If-None-Match": `"other"`}, 200, "0123456789"},
		{map[string]string{"If-Range": tag, "Range": "bytes=2-3"}, 206, "23"},
		{map[string]string{"If-Range": `"other"`, "Range": "bytes=2-3"}, 200, "0123456789"},
		{map[string]string{"If-Range": "Thu, 01 Jan 2026 00:00:00 GMT", "Range": "bytes=2-3"}, 200, "0123456789"},
	} {
		got := b.do("GET", path, nil, func(r *http.Request) {
			for name, value := range c.conditions {
				r.Header.Set(name, value)
			}
		})
		if got.StatusCode != c.status || got.text != c.body || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || got.Header.Get("ETag") != tag {
			t.Errorf("%v: %s %q %v", c.conditions, got.Status, got.text, got.Header)
		}
	}
	if head := b.do("HEAD", path, nil, nil); head.StatusCode != 200 || head.text != "" || head.Header.Get("Content-Length") != "10" || head.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("HEAD: %s %v", head.Status, head.Header)
	}
	if empty := b.get("/jmap/download/" + id + "/" + upload("", "text/plain") + "/x"); empty.StatusCode != 200 || empty.text != "" || empty.Header.Get("Content-Length") != "0" {
		t.Errorf("an empty blob: %s %v", empty.Status, empty.Header)
	}
	for given, kept := range map[string]string{"text/plain; charset=utf-8": "text/plain; charset=utf-8", "": "application/octet-stream", "nonsense": "application/octet-stream"} {
		if resp := b.do("POST", "/jmap/upload/"+id, strings.NewReader("x"), header("Content-Type", given)); !strings.Contains(resp.text, `"type":"`+kept+`"`) {
			t.Errorf("uploaded as %q: %s", given, resp.text)
		}
	}
	// The size of a part that was encoded for the way is not known before it is read.
	h.mailOf("ada@hearth.test").Deliver([]byte("Subject: encoded\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nMDEyMzQ1Njc4OQ==\r\n--b--\r\n"))
	part := "/jmap/download/" + id + "/b" + b.newest(b.account()) + "_1/x"
	for asked, want := range map[string]struct {
		status      int
		body, about string
	}{
		"":            {200, "0123456789", ""},
		"bytes=2-3":   {206, "23", "bytes 2-3/*"},
		"bytes=8-100": {206, "89", "bytes 8-9/*"},
		"bytes=10-20": {416, "", ""},
		"bytes=5-":    {200, "0123456789", ""},
		"bytes=-3":    {200, "0123456789", ""},
	} {
		got := b.do("GET", part, nil, header("Range", asked))
		if got.StatusCode != want.status || want.body != "" && got.text != want.body || got.Header.Get("Content-Range") != want.about {
			t.Errorf("%q of an encoded part: %s %q %q", asked, got.Status, got.text, got.Header.Get("Content-Range"))
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestOthersMail: what belongs to one member is not there for another.
func TestOthersMail(t *testing.T) {
	h := newHouse(t)
	ada, grace := h.signIn("ada@hearth.test"), h.signIn("grace@hearth.test")
	hers := string(ada.account())
	email := ada.newest(jmap.Id(hers))
	_, blob, _ := strings.Cut(ada.do("POST", "/jmap/upload/"+hers, strings.NewReader("hers"), nil).text, `"blobId":"`)
	blob, _, _ = strings.Cut(blob, `"`)
	if hers == string(grace.account()) {
		t.Fatal("two members have one account id")
	}
	for _, method := range []string{
		"Mailbox/get", "Mailbox/query", "Mailbox/changes", "Email/get", "Email/query", "Email/changes", "Email/set",
		"Identity/get", "EmailSubmission/get", "EmailSubmission/set", "EmailSubmission/changes",
		"Blob/upload", "Blob/get", "Blob/lookup", "Blob/copy",
	} {
		if got := grace.call(`[["` + method + `",{"accountId":"` + hers + `","ids":["` + email + `"]},"c"]]`); !strings.Contains(got, `"accountNotFound"`) {
			t.Errorf("%s: %s", method, got)
		}
	}
	for _, path := range []string{"/b" + email + "/x", "/" + blob + "/x"} {
		if got := grace.get("/jmap/download/" + hers + path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s %q", path, got.Status, got.text)
		}
	}
	mine := string(grace.account())
	for _, call := range []string{
		`[["Blob/copy",{"accountId":"` + mine + `","fromAccountId":"` + hers + `","blobIds":["` + blob + `","b` + email + `"]},"c"]]`,
		`[["Blob/get",{"accountId":"` + mine + `","ids":["` + blob + `"]},"c"]]`,
		`[["Blob/upload",{"accountId":"` + mine + `","create":{"x":{"data":[{"blobId":"` + blob + `"}]}}},"c"]]`,
	} {
		if got := grace.call(call); strings.Contains(got, "data:as") || strings.Contains(got, `"size"`) || strings.Contains(got, `"copied":{`) {
			t.Errorf("%s: %s", call, got)
		}
	}
	// Her own account does not lead to another's upload either.
	if got := grace.get("/jmap/download/" + string(grace.account()) + "/" + blob + "/x"); got.StatusCode != http.StatusNotFound {
		t.Errorf("the upload by way of her own account: %s %q", got.Status, got.text)
	}
	if got := grace.do("POST", "/jmap/upload/"+hers, strings.NewReader("x"), nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("upload: %s", got.Status)
	}
}
