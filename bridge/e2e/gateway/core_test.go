package gateway

import (
	"encoding/json"
	"net/http"
	"testing"
)

var coreRules = []rule{
	{"RFC 8620 §4 echo", func(t *testing.T, h *house) { echoes(t, h, `{"hello":"world","number":42}`) }},
	{"RFC 8620 §4 echo nothing", func(t *testing.T, h *house) { echoes(t, h, `{}`) }},
	{"RFC 8620 §4 echo all kinds", func(t *testing.T, h *house) {
		echoes(t, h, `{"text":"a","number":42,"fraction":0.5,"yes":true,"null":null,"list":[1,"b",null,false],"deep":{"er":{"still":[]}}}`)
	}},
}

func echoes(t *testing.T, h *house, args string) {
	t.Helper()
	var want obj
	if err := json.Unmarshal([]byte(args), &want); err != nil {
		t.Fatal(err)
	}
	equal(t, "the echo", h.call(t, "Core/echo", want), want)
}

// requestErrorRules are what whole requests are refused for. Only the status
// matters to these clients; ours looks at the problem's type too.
var requestErrorRules = []rule{
	{"RFC 8620 §3.6.1 not JSON", refusedAs("this is not json", "urn:ietf:params:jmap:error:notJSON")},
	{"RFC 8620 §3.6.1 not a request", refusedAs(`{"foo":"bar"}`, "urn:ietf:params:jmap:error:notRequest")},
	{"RFC 8620 §3.6.1 unknown capability", refusedAs(`{"using":["urn:ietf:params:jmap:core","urn:nobody:knows"],"methodCalls":[["Core/echo",{},"0"]]}`, "urn:ietf:params:jmap:error:unknownCapability")},
	{"RFC 8620 §3.6.1 calls are no array", refusedAs(`{"using":["urn:ietf:params:jmap:core"],"methodCalls":"none"}`, "urn:ietf:params:jmap:error:notRequest")},
	{"RFC 8620 §3.6.1 another content type", func(t *testing.T, h *house) {
		status, body := h.post(t, "text/plain", []byte(`{"using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{},"0"]]}`))
		if status/100 != 4 {
			t.Errorf("%d %s", status, body)
		}
	}},
	{"RFC 8620 §3.3 nothing is used", func(t *testing.T, h *house) {
		_, answers := h.request(t, []string{}, call{"Core/echo", obj{}, "0"})
		equal(t, "the answer", answers[0].name, "error")
		equal(t, "its type", answers[0].args["type"], "unknownMethod")
	}},
}

func refusedAs(body, problem string) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		status, got := h.post(t, "application/json", []byte(body))
		var of obj
		if err := json.Unmarshal(got, &of); err != nil || status != http.StatusBadRequest {
			t.Fatalf("%d %s", status, got)
		}
		equal(t, "type", dig(of, "type"), problem)
	}
}

var methodErrorRules = []rule{
	{"RFC 8620 §3.6.2 unknown method", func(t *testing.T, h *house) {
		_, answers := h.request(t, []string{usesCore}, call{"Nothing/get", obj{}, "0"})
		equal(t, "the answer", answers[0].name, "error")
		equal(t, "its type", answers[0].args["type"], "unknownMethod")
	}},
	{"RFC 8620 §3.6.2 without an account", func(t *testing.T, h *house) {
		_, answers := h.request(t, h.using, call{"Mailbox/get", obj{}, "0"})
		equal(t, "type", answers[0].args["type"], "invalidArguments")
	}},
	{"RFC 8620 §3.6.2 unknown account", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Mailbox/get", obj{"accountId": "nonexistent-account-xyz"}), "accountNotFound")
	}},
	{"RFC 8620 §3.6.2 an argument of the wrong kind", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Mailbox/get", obj{"ids": "not-an-array"}), "invalidArguments")
	}},
	{"RFC 8620 §3.6.2 every error has a type", func(t *testing.T, h *house) { h.refused(t, "Nothing/set", obj{}) }},
	{"RFC 8620 §5.3 another state, even to change nothing", func(t *testing.T, h *house) {
		for _, name := range []string{"Mailbox/set", "Email/set", "Identity/set", "EmailSubmission/set"} {
			equal(t, name, h.refused(t, name, obj{"ifInState": "another", "update": obj{}}), "stateMismatch")
		}
	}},
	{"RFC 8620 §3.3 an error does not end the request", func(t *testing.T, h *house) {
		_, answers := h.request(t, h.using,
			call{"Mailbox/get", h.inAccount("Mailbox/get", obj{"ids": []string{}}), "call1"}, call{"Core/echo", obj{}, "call2"}, call{"Nothing/get", obj{}, "call3"}, call{"Core/echo", obj{}, "call4"})
		equal(t, "the answers", len(answers), 4)
		for i, want := range []answer{{"Mailbox/get", nil, "call1"}, {"Core/echo", nil, "call2"}, {"error", nil, "call3"}, {"Core/echo", nil, "call4"}} {
			equal(t, "answer", answers[i].name+" "+answers[i].id, want.name+" "+want.id)
		}
	}},
	{"RFC 8620 §3.4 the session's state is told", func(t *testing.T, h *house) {
		response, _ := h.request(t, h.using, call{"Core/echo", obj{}, "0"})
		text(t, response, "sessionState")
	}},
}

var referenceRules = []rule{
	{"RFC 8620 §3.7 all of a list", func(t *testing.T, h *house) {
		answers := h.chain(t, call{"Mailbox/get", obj{"ids": nil}, "a"}, call{"Mailbox/get", obj{"#ids": reference("a", "Mailbox/get", "/list/*/id")}, "b"})
		if n := len(list(t, answers[1].args, "list")); n == 0 || n != len(list(t, answers[0].args, "list")) {
			t.Errorf("%d mailboxes", n)
		}
	}},
	{"RFC 8620 §3.7 from a query to its records", func(t *testing.T, h *house) {
		answers := h.chain(t, call{"Email/query", obj{"filter": obj{"inMailbox": h.mailboxes["inbox"]}, "limit": 3}, "a"},
			call{"Email/get", obj{"#ids": reference("a", "Email/query", "/ids"), "properties": []string{"id", "subject"}}, "b"})
		equal(t, "the ids", len(list(t, answers[0].args, "ids")), 3)
		equal(t, "the emails", len(list(t, answers[1].args, "list")), 3)
	}},
	{"RFC 8620 §3.7 an array of arrays is made flat", func(t *testing.T, h *house) {
		answers := h.chain(t, call{"Email/get", obj{"ids": []string{h.emails["plain"], h.emails["bridge-1"]}, "properties": []string{"threadId"}}, "a"},
			call{"Thread/get", obj{"#ids": reference("a", "Email/get", "/list/*/threadId")}, "b"},
			call{"Email/get", obj{"#ids": reference("b", "Thread/get", "/list/*/emailIds"), "properties": []string{"subject"}}, "c"})
		equal(t, "the emails", len(list(t, answers[2].args, "list")), 4)
	}},
	{"RFC 8620 §3.7 to no call", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/get", obj{"#ids": reference("nothing", "Email/query", "/ids")}), "invalidResultReference")
	}},
	{"RFC 8620 §3.7 to another method", func(t *testing.T, h *house) {
		_, answers := h.request(t, h.using, call{"Email/query", h.inAccount("", obj{"limit": 1}), "a"},
			call{"Mailbox/get", h.inAccount("", obj{"#ids": reference("a", "Mailbox/get", "/ids")}), "b"})
		equal(t, "type", dig(answers[1].args, "type"), "invalidResultReference")
	}},
	{"RFC 8620 §3.7 one value", func(t *testing.T, h *house) {
		answers := h.chain(t, call{"Mailbox/get", obj{"ids": []string{}}, "a"}, call{"Mailbox/changes", obj{"#sinceState": reference("a", "Mailbox/get", "/state")}, "b"})
		unchanged(t, answers[1].args, text(t, answers[0].args, "state"))
	}},
	{"RFC 8620 §3.2 calls keep their ids and order", func(t *testing.T, h *house) {
		answers := h.chain(t, call{"Core/echo", obj{"n": 1}, "first"}, call{"Core/echo", obj{"n": 2}, "second"}, call{"Core/echo", obj{"n": 3}, "third"})
		for i, id := range []string{"first", "second", "third"} {
			equal(t, "the id", answers[i].id, id)
			equal(t, "the echo", dig(answers[i].args, "n"), i+1)
		}
	}},
}

func reference(resultOf, name, path string) obj {
	return obj{"resultOf": resultOf, "name": name, "path": path}
}

// chain makes calls in one request, none of which may fail.
func (h *house) chain(t *testing.T, calls ...call) []answer {
	t.Helper()
	for i := range calls {
		calls[i].args = h.inAccount(calls[i].name, calls[i].args)
	}
	_, answers := h.request(t, h.using, calls...)
	for _, a := range answers {
		if a.name == "error" {
			t.Fatalf("%s: %s", a.id, show(a.args))
		}
	}
	return answers
}
