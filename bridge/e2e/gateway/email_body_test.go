package gateway

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var emailBodyRules = []rule{
	{"RFC 8621 §4.1.4 bodyStructure", func(t *testing.T, h *house) {
		body := dig(h.get(t, "Email", h.emails["report"], obj{"properties": []string{"bodyStructure"}, "bodyProperties": []string{"partId", "type", "name", "disposition", "size", "subParts"}}), "bodyStructure")
		equal(t, "type", dig(body, "type"), "multipart/mixed")
		equal(t, "partId", dig(body, "partId"), nil)
		equal(t, "the first part", dig(body, "subParts", 0, "type"), "text/html")
		equal(t, "the second", dig(body, "subParts", 1, "name"), "accounts.pdf")
		equal(t, "its decoded size", dig(body, "subParts", 1, "size"), len(report))
		equal(t, "its disposition", dig(body, "subParts", 1, "disposition"), "attachment")
		text(t, body, "subParts", 1, "partId")
	}},
	{"RFC 8621 §4.1.4 textBody", bodyOf("plain", "textBody", "text/plain")},
	{"RFC 8621 §4.1.4 htmlBody", bodyOf("digest", "htmlBody", "text/html")},
	{"RFC 8621 §4.1.4 textBody where there is only HTML", bodyOf("report", "textBody", "text/html")},
	{"RFC 8621 §4.1.4 htmlBody where there is only text", bodyOf("plain", "htmlBody", "text/plain")},
	{"RFC 8621 §4.1.4 attachments", func(t *testing.T, h *house) {
		attachments := list(t, h.get(t, "Email", h.emails["report"], obj{"properties": []string{"attachments"}}), "attachments")
		equal(t, "how many", len(attachments), 1)
		equal(t, "name", dig(attachments, 0, "name"), "accounts.pdf")
		equal(t, "type", dig(attachments, 0, "type"), "application/pdf")
		text(t, attachments, 0, "blobId")
		shaped(t, attachments[0], "partId string, blobId string, size number, name string, type string, charset null, disposition string, cid null, language null, location null, headers missing, subParts missing")
	}},
	{"RFC 8621 §4.1.4 bodyValues of text", func(t *testing.T, h *house) {
		value := value(t, h, "plain", obj{"fetchTextBodyValues": true})
		equal(t, "value", value, obj{"value": "I will bring them to the potting shed before noon.", "isEncodingProblem": false, "isTruncated": false})
	}},
	{"RFC 8621 §4.1.4 bodyValues of HTML", func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails["digest"], obj{"properties": []string{"htmlBody", "bodyValues"}, "fetchHTMLBodyValues": true})
		part := text(t, email, "htmlBody", 0, "partId")
		if got := text(t, email, "bodyValues", part, "value"); !strings.Contains(got, "<h1>The Village Week</h1>") {
			t.Errorf("%q", got)
		}
		equal(t, "values", len(dig(email, "bodyValues").(obj)), 1)
	}},
	{"RFC 8621 §4.2 all bodyValues", func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails["digest"], obj{"properties": []string{"textBody", "htmlBody", "bodyValues"}, "fetchAllBodyValues": true})
		equal(t, "values", len(dig(email, "bodyValues").(obj)), 2)
	}},
	{"RFC 8621 §4.2 no bodyValues unasked", func(t *testing.T, h *house) {
		equal(t, "values", dig(h.get(t, "Email", h.emails["digest"], obj{"properties": []string{"bodyValues"}}), "bodyValues"), obj{})
	}},
	{"RFC 8621 §4.2 maxBodyValueBytes", func(t *testing.T, h *house) {
		v := value(t, h, "long", obj{"fetchTextBodyValues": true, "maxBodyValueBytes": 100})
		equal(t, "isTruncated", dig(v, "isTruncated"), true)
		equal(t, "octets", len(text(t, v, "value")), 100)
		v = value(t, h, "korean", obj{"fetchTextBodyValues": true, "maxBodyValueBytes": 7})
		if got := text(t, v, "value"); len(got) > 7 || !utf8.ValidString(got) || dig(v, "isTruncated") != true {
			t.Errorf("%s", show(v))
		}
	}},
	{"RFC 8621 §4.2 bodyProperties, and no others", func(t *testing.T, h *house) {
		body := dig(h.get(t, "Email", h.emails["report"], obj{"properties": []string{"bodyStructure"}, "bodyProperties": []string{"partId", "type"}}), "bodyStructure")
		equal(t, "type", dig(body, "type"), "multipart/mixed")
		shaped(t, body, "name missing, size missing, disposition missing, blobId missing")
	}},
	{"RFC 8621 §4.2 bodyProperties of headers", func(t *testing.T, h *house) {
		parts := list(t, h.get(t, "Email", h.emails["report"], obj{"properties": []string{"attachments"}, "bodyProperties": []string{"header:Content-Transfer-Encoding:asText"}}), "attachments")
		equal(t, "the header", dig(parts, 0, "header:Content-Transfer-Encoding:asText"), "base64")
	}},
	{"RFC 8621 §4.1.4 multipart/alternative", func(t *testing.T, h *house) {
		bodyOf("digest", "textBody", "text/plain")(t, h)
		bodyOf("digest", "htmlBody", "text/html")(t, h)
	}},
	{"RFC 8621 §4.1.4 cid of what is shown inside", func(t *testing.T, h *house) {
		body := dig(h.get(t, "Email", h.emails["picture"], obj{"properties": []string{"bodyStructure"}, "bodyProperties": []string{"partId", "type", "cid", "disposition", "subParts"}}), "bodyStructure")
		equal(t, "type", dig(body, "subParts", 1, "type"), "image/jpeg")
		equal(t, "cid", dig(body, "subParts", 1, "cid"), "lens1@letters.test")
		equal(t, "disposition", dig(body, "subParts", 1, "disposition"), "inline")
	}},
	{"RFC 8621 §4.1.4 another charset", func(t *testing.T, h *house) {
		equal(t, "value", value(t, h, "korean", obj{"fetchTextBodyValues": true}), obj{"value": "오늘 만나서 반가웠습니다.", "isEncodingProblem": false, "isTruncated": false})
	}},
	{"RFC 8621 §4.1.4 octets that the charset does not have", func(t *testing.T, h *house) {
		v := value(t, h, "broken", obj{"fetchTextBodyValues": true})
		shaped(t, v, "isEncodingProblem bool, isTruncated bool")
		if got := text(t, v, "value"); !utf8.ValidString(got) || !strings.Contains(got, "That was all.") {
			t.Errorf("%q", got)
		}
		equal(t, "subject", dig(h.get(t, "Email", h.emails["broken"], nil), "subject"), "Sparks in the line")
	}},
	{"RFC 8621 §4.1.2.1 control characters in a header", func(t *testing.T, h *house) {
		text(t, h.get(t, "Email", h.emails["broken"], obj{"properties": []string{"header:X-Noise"}}), "header:X-Noise")
	}},
}

func bodyOf(key, property, mediaType string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		t.Helper()
		parts := list(t, h.get(t, "Email", h.emails[key], obj{"properties": []string{property}, "bodyProperties": []string{"partId", "type"}, "fetchTextBodyValues": true}), property)
		equal(t, property, dig(parts, 0, "type"), mediaType)
		text(t, parts, 0, "partId")
	}
}

// value is the value of an email's first text.
func value(t *testing.T, h *house, key string, args obj) any {
	t.Helper()
	args["properties"], args["bodyProperties"] = []string{"textBody", "bodyValues"}, []string{"partId"}
	email := h.get(t, "Email", h.emails[key], args)
	return dig(email, "bodyValues", text(t, email, "textBody", 0, "partId"))
}
