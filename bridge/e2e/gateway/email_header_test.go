package gateway

import (
	"strings"
	"testing"
	"time"
)

// header is a property of a letter that the rules look at, and what it must be.
func header(key, property string, want any) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails[key], obj{"properties": []string{property}})
		equal(t, property, dig(email, property), want)
	}
}

var rose = []obj{{"name": "Rose Marlow", "email": "rose@garden.example"}}

var emailHeaderRules = []rule{
	{"RFC 8621 §4.1.2.3 from", header("plain", "from", rose)},
	{"RFC 8621 §4.1.2.3 to", header("bridge-3", "to", []obj{{"name": nil, "email": "ada@hearth.test"}, {"name": nil, "email": "rose@garden.example"}})},
	{"RFC 8621 §4.1.2.3 cc", header("report", "cc", []obj{{"name": nil, "email": "clerk@harbour.example"}})},
	{"RFC 8621 §4.1.2.3 bcc", header("blind", "bcc", []obj{{"name": nil, "email": "whisper@quiet.example"}})},
	{"RFC 8621 §4.1.2.2 subject", header("plain", "subject", "Seedlings on Saturday")},
	{"RFC 8621 §4.1.2.2 subject, empty", header("untitled", "subject", "")},
	{"RFC 8621 §4.1.2.6 sentAt", func(t *testing.T, h *house) {
		sent := text(t, h.get(t, "Email", h.emails["sort-1"], obj{"properties": []string{"sentAt"}}), "sentAt")
		got, err := time.Parse(time.RFC3339, sent)
		if err != nil || !got.Equal(h.now.Add(-5*day).Truncate(time.Second)) {
			t.Errorf("%s %v", sent, err)
		}
	}},
	{"RFC 8621 §4.1.2.5 messageId", header("bridge-1", "messageId", []string{"bridge-1@letters.test"})},
	{"RFC 8621 §4.1.2.5 inReplyTo", header("bridge-2", "inReplyTo", []string{"bridge-1@letters.test"})},
	{"RFC 8621 §4.1.2.5 references", header("bridge-3", "references", []string{"bridge-1@letters.test", "bridge-2@letters.test"})},
	{"RFC 8621 §4.1.3 as text", header("plain", "header:Subject:asText", "Seedlings on Saturday")},
	{"RFC 8621 §4.1.3 as addresses", header("plain", "header:From:asAddresses", rose)},
	{"RFC 8621 §4.1.3 as message ids", header("bridge-1", "header:Message-ID:asMessageIds", []string{"bridge-1@letters.test"})},
	{"RFC 8621 §4.1.3 as date", func(t *testing.T, h *house) {
		at := text(t, h.get(t, "Email", h.emails["plain"], obj{"properties": []string{"header:Date:asDate"}}), "header:Date:asDate")
		if got, err := time.Parse(time.RFC3339, at); err != nil || !got.Equal(h.now.Add(-10*day).Truncate(time.Second)) {
			t.Errorf("%s %v", at, err)
		}
	}},
	{"RFC 8621 §4.1.3 as URLs", header("list", "header:List-Unsubscribe:asURLs", []string{"https://bees.example/leave"})},
	{"RFC 8621 §4.1.3 as URLs, of another scheme", header("list", "header:List-Post:asURLs", []string{"mailto:bees@bees.example"})},
	{"RFC 8621 §4.1.3 a header of nobody's", header("list", "header:X-Hive:asText", "hive-number-4711")},
	{"RFC 8621 §4.1.3 a header that is not there", header("plain", "header:X-Hive:asText", nil)},
	{"RFC 8621 §4.1.3 all of a header that is not there", header("plain", "header:X-Hive:asText:all", []any{})},
	{"RFC 8621 §4.1.3 all of a header", header("plain", "header:From:asAddresses:all", [][]obj{rose})},
	{"RFC 8621 §4.1.2.2 encoded words", header("foreign", "from", []obj{{"name": "山田花子", "email": "hanako@sakura.example"}})},
	{"RFC 8621 §4.1.2.2 encoded words of a subject", header("foreign", "subject", "お花見のお誘い")},
	{"RFC 8621 §4.1.2.2 encoded words in EUC-KR", header("korean", "from", []obj{{"name": "홍길동", "email": "gildong@seoul.example"}})},
	{"RFC 8621 §4.1.2.2 encoded words in EUC-KR of a subject", header("korean", "subject", "안녕하세요")},
	{"RFC 8621 §4.1.2.4 as grouped addresses", header("plain", "header:From:asGroupedAddresses", []obj{{"name": nil, "addresses": rose}})},
	{"RFC 8621 §4.1.2.1 raw", func(t *testing.T, h *house) {
		if got := text(t, h.get(t, "Email", h.emails["plain"], obj{"properties": []string{"header:Subject"}}), "header:Subject"); got != " Seedlings on Saturday" {
			t.Errorf("%q", got)
		}
	}},
	{"RFC 8621 §4.1.2.1 raw, folded", header("bridge-3", "header:References", " <bridge-1@letters.test>\r\n <bridge-2@letters.test>")},
	{"RFC 8621 §4.1.3 names in any case, each told as it was asked for", func(t *testing.T, h *house) {
		email := h.get(t, "Email", h.emails["plain"], obj{"properties": []string{"header:subject:asText", "header:SUBJECT:asText"}})
		equal(t, "small", dig(email, "header:subject:asText"), "Seedlings on Saturday")
		equal(t, "large", dig(email, "header:SUBJECT:asText"), "Seedlings on Saturday")
	}},
	{"RFC 8621 §4.1.3 forms that a header does not have", func(t *testing.T, h *house) {
		for _, property := range []string{"header:Subject:asDate", "header:From:asURLs", "header:Date:asAddresses", "header:X:asNothing", "header:"} {
			equal(t, property, h.refused(t, "Email/get", obj{"ids": []string{h.emails["plain"]}, "properties": []string{property}}), "invalidArguments")
		}
	}},
	{"RFC 8621 §4.1.3 headers", func(t *testing.T, h *house) {
		var names []string
		for _, field := range list(t, h.get(t, "Email", h.emails["list"], obj{"properties": []string{"headers"}}), "headers") {
			shaped(t, field, "name string, value string")
			names = append(names, text(t, field, "name"))
		}
		equal(t, "the names in their order", any(strings.Join(names, " ")), "From To Subject Date Message-ID List-Post List-Unsubscribe X-Hive MIME-Version Content-Type Content-Transfer-Encoding")
	}},
}
