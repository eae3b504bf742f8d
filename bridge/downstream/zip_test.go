package downstream_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
)

// file is a part of a message and what an archive is to call it.
type file struct{ name, mediaType, body, want string }

// mixed is a message with files attached.
func mixed(files []file) []byte {
	var b strings.Builder
	b.WriteString("From: grace@hearth.test\r\nTo: ada@hearth.test\r\nSubject: Papers: \"all\" of 3/4\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n" +
		"--cut\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n")
	for _, f := range files {
		name := ""
		if f.name != "" {
			name = "; filename*=UTF-8''" + f.name
		}
		b.WriteString("--cut\r\nContent-Type: " + f.mediaType + "\r\nContent-Disposition: attachment" + name + "\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		encoded := base64.StdEncoding.EncodeToString([]byte(f.body))
		for len(encoded) > 76 {
			b.WriteString(encoded[:76] + "\r\n")
			encoded = encoded[76:]
		}
		b.WriteString(encoded + "\r\n")
	}
	b.WriteString("--cut--\r\n")
	return []byte(b.String())
}

// TestDownloadAll: the archive holds every attachment, byte by byte, under names that are
// safe wherever it is unpacked.
func TestDownloadAll(t *testing.T) {
	noise := strings.Repeat("\x00\x01\xff any bytes\r\n", 20_000)
	files := []file{
		{"list.txt", "text/plain", "bread\r\nfire\nwood\r", "list.txt"},
		{"LIST.txt", "text/plain", "another", "LIST (2).txt"},
		{"list.txt", "application/octet-stream", noise, "list (3).txt"},
		{"..%2F..%2Fetc%2Fpasswd", "text/plain", "x", "passwd"},
		{"..%5Cauto.exe%20.", "application/x-msdownload", "MZ", "auto.exe"},
		{"%E2%80%AEgpj.exe", "image/jpeg", "\xff\xd8\xff", "gpj.exe"},
		{"con.txt", "text/plain", "", "_con.txt"},
		{"Gr%C3%BC%C3%9Fe.pdf", "application/pdf", "%PDF-1.7", "Grüße.pdf"},
		{strings.Repeat("a", 400) + ".png", "image/png", "png", strings.Repeat("a", 196) + ".png"},
		{"", "text/calendar", "BEGIN:VCALENDAR", "attachment.ics"},
	}
	h := newHouse(t)
	h.mailOf("ada@hearth.test").Deliver(mixed(files))
	b := h.signIn("ada@hearth.test")
	account := b.account()
	path := "/jmap/download-all/" + string(account) + "/" + b.newest(account)
	got := b.get(path)
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/zip" ||
		!strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") || got.Header.Get("X-Content-Type-Options") != "nosniff" ||
		got.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), `attachment; filename="Papers_ _all_ of 3_4.zip"`) {
		t.Fatalf("%s %v", got.Status, got.Header)
	}
	archive, err := zip.NewReader(bytes.NewReader([]byte(got.text)), int64(len(got.text)))
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.File) != len(files) {
		t.Fatalf("%d files", len(archive.File))
	}
	for i, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil || string(body) != files[i].body {
			t.Errorf("%s: %d octets, not %d (%v)", f.Name, len(body), len(files[i].body), err)
		}
		if f.Name != files[i].want {
			t.Errorf("%q is called %q, not %q", files[i].name, f.Name, files[i].want)
		}
		if packed := f.Method == zip.Deflate; packed != (files[i].mediaType[:5] != "image" && files[i].mediaType != "application/pdf") {
			t.Errorf("%s: method %d", f.Name, f.Method)
		}
	}
	if got := b.do("HEAD", path, nil, nil); got.StatusCode != http.StatusOK || got.text != "" {
		t.Errorf("HEAD: %s %q", got.Status, got.text)
	}
}

// TestDownloadAllOfNothing: what is not there, has no attachments, or is another member's.
func TestDownloadAllOfNothing(t *testing.T) {
	h := newHouse(t)
	ada, grace := h.signIn("ada@hearth.test"), h.signIn("grace@hearth.test")
	account := ada.account()
	plain := "/jmap/download-all/" + string(account) + "/" + ada.newest(account)
	h.mailOf("ada@hearth.test").Deliver(mixed([]file{{"list.txt", "text/plain", "bread", ""}}))
	full := "/jmap/download-all/" + string(account) + "/" + ada.newest(account)
	if got := ada.get(full); got.StatusCode != http.StatusOK {
		t.Fatalf("%s", got.Status)
	}
	for what, got := range map[string]answer{
		"no attachments": ada.get(plain), "no such message": ada.get("/jmap/download-all/" + string(account) + "/nope"), "another's": grace.get(full),
	} {
		if got.StatusCode != http.StatusNotFound || got.problem(t).Title == "" {
			t.Errorf("%s: %s", what, got.Status)
		}
	}
	if got := h.browser().get(full); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody: %s", got.Status)
	}
}
