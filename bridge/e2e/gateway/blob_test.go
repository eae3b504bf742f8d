package gateway

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

var uploadRules = []rule{
	{"RFC 8620 §6.1 text", func(t *testing.T, h *house) {
		up := h.upload(t, "text/plain", []byte("Twenty-four octets here."))
		shaped(t, up, "accountId string, blobId string, type string, size number")
		equal(t, "accountId", dig(up, "accountId"), h.account)
		equal(t, "size", dig(up, "size"), 24)
		mediaType(t, up, "text/plain")
	}},
	{"RFC 8620 §6.1 any octets", func(t *testing.T, h *house) {
		equal(t, "size", dig(h.upload(t, "application/octet-stream", []byte{0, 1, 2, 0xfd, 0xfe, 0xff}), "size"), 6)
	}},
	{"RFC 8620 §1.2 a blobId is an id", func(t *testing.T, h *house) {
		if id := text(t, h.upload(t, "text/plain", []byte("x")), "blobId"); len(id) > 255 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%q", id)
		}
	}},
	{"RFC 8620 §6.1 many octets", func(t *testing.T, h *house) {
		equal(t, "size", dig(h.upload(t, "application/octet-stream", bytes.Repeat([]byte("0123456789"), 10240)), "size"), 102400)
	}},
	{"RFC 8620 §6.1 the type is kept", func(t *testing.T, h *house) {
		mediaType(t, h.upload(t, "text/html", []byte("<p>x</p>")), "text/html")
	}},
}

func mediaType(t *testing.T, up obj, want string) {
	t.Helper()
	if got := text(t, up, "type"); got != want && !strings.HasPrefix(got, want+";") {
		t.Errorf("type is %s, not %s", got, want)
	}
}

var downloadRules = []rule{
	{"RFC 8620 §6.2 what was uploaded", func(t *testing.T, h *house) {
		for _, octets := range [][]byte{[]byte("exactly\r\nthis\nand \x00\xff"), {}} {
			up := h.upload(t, "application/octet-stream", octets)
			status, header, got := h.download(t, text(t, up, "blobId"), "application/octet-stream")
			if status != http.StatusOK || !bytes.Equal(got, octets) {
				t.Errorf("%d %q %v", status, got, header)
			}
		}
	}},
	{"RFC 8620 §6.2 an email is byte for byte what was imported", func(t *testing.T, h *house) {
		for _, l := range letters {
			if h.emails[l.key] == "" {
				continue
			}
			email := h.get(t, "Email", h.emails[l.key], obj{"properties": []string{"blobId", "size"}})
			status, _, got := h.download(t, text(t, email, "blobId"), "message/rfc822")
			if status != http.StatusOK || !bytes.Equal(got, l.raw(h.now)) {
				t.Errorf("%s: %d, %d octets of %d", l.key, status, len(got), len(l.raw(h.now)))
			}
			equal(t, "size of "+l.key, dig(email, "size"), len(l.raw(h.now)))
		}
	}},
	{"RFC 8620 §6.2 an attachment is decoded", func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails["picture"], obj{"properties": []string{"attachments"}})
		status, header, got := h.download(t, text(t, email, "attachments", 0, "blobId"), "image/jpeg")
		if status != http.StatusOK || string(got) != jpeg || header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%d %q %v", status, got, header)
		}
	}},
	{"RFC 8620 §6.2 what does not exist", func(t *testing.T, h *house) {
		for _, id := range []string{nobody, "nonexistent-blob-id-xyz"} {
			if status, _, body := h.download(t, id, "text/plain"); status != http.StatusNotFound {
				t.Errorf("%d %s", status, body)
			}
		}
	}},
	{"RFC 8620 §6.2 the type that was asked for", func(t *testing.T, h *house) {
		up := h.upload(t, "text/plain", []byte("x"))
		status, header, _ := h.download(t, text(t, up, "blobId"), "application/octet-stream")
		if got := header.Get("Content-Type"); status != http.StatusOK || !strings.Contains(got, "application/octet-stream") {
			t.Errorf("%d %s", status, got)
		}
	}},
}

var blobCopyRules = []rule{
	{"RFC 8620 §6.3 not within an account", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Blob/copy", obj{"fromAccountId": h.account, "blobIds": []string{"placeholder"}}), "invalidArguments")
	}},
	{"RFC 8620 §6.3 not from an account of others", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Blob/copy", obj{"fromAccountId": h.other.account, "blobIds": []string{h.blobs["pdf"]}}), "fromAccountNotFound")
	}},
}
