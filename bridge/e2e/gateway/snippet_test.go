package gateway

import (
	"strings"
	"testing"
)

var snippetRules = []rule{
	{"RFC 8621 §5.1 a word of the body", func(t *testing.T, h *house) {
		filter := obj{"text": "theodolite"}
		got := h.call(t, "SearchSnippet/get", obj{"filter": filter, "emailIds": h.all(t, obj{"filter": filter})})
		equal(t, "emailId", dig(got, "list", 0, "emailId"), h.emails["bridge-3"])
		marked(t, text(t, got, "list", 0, "preview"), "theodolite")
	}},
	{"RFC 8621 §5.1 words of the subject", func(t *testing.T, h *house) {
		filter := obj{"text": "ferry accounts"}
		ids := h.all(t, obj{"filter": filter})
		includes(t, "the query", any(ids), h.emails["report"])
		got := h.call(t, "SearchSnippet/get", obj{"filter": filter, "emailIds": []string{h.emails["report"]}})
		marked(t, text(t, got, "list", 0, "subject"), "ferry")
	}},
	{"RFC 8621 §5.1 null where nothing matches", func(t *testing.T, h *house) {
		got := h.call(t, "SearchSnippet/get", obj{"filter": obj{"text": "theodolite"}, "emailIds": []string{h.emails["plain"]}})
		equal(t, "list", dig(got, "list"), []obj{{"emailId": h.emails["plain"], "subject": nil, "preview": nil}})
	}},
	{"RFC 8621 §5.1 all members", func(t *testing.T, h *house) {
		got := h.call(t, "SearchSnippet/get", obj{"filter": obj{"text": "seedlings"}, "emailIds": []string{h.emails["plain"]}})
		shaped(t, got, "accountId string, list array, notFound null")
		marked(t, text(t, got, "list", 0, "subject"), "Seedlings")
	}},
	{"RFC 8621 §5.1 what is not there", func(t *testing.T, h *house) {
		got := h.call(t, "SearchSnippet/get", obj{"filter": obj{"text": "seedlings"}, "emailIds": []string{nobody}})
		equal(t, "notFound", dig(got, "notFound"), []string{nobody})
	}},
	{"RFC 8621 §5.1 only the marks are markup", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["A2"], "Fish & <chips>", nil)
		got := h.call(t, "SearchSnippet/get", obj{"filter": obj{"subject": "chips"}, "emailIds": []string{text(t, set, "created", "e", "id")}})
		equal(t, "subject", dig(got, "list", 0, "subject"), "Fish &amp; &lt;<mark>chips</mark>&gt;")
	}},
}

func marked(t *testing.T, got, word string) {
	t.Helper()
	if !strings.Contains(got, "<mark>"+word) || strings.Count(got, "<mark>") != strings.Count(got, "</mark>") {
		t.Errorf("%s is not marked in %q", word, got)
	}
}
