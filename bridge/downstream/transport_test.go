package downstream_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// transport is a way for requests to reach the bridge: body is a request's JSON, or what is
// wrong with it.
type transport func(t *testing.T, body string) (*jmap.Response, *jmap.RequestError)

// overHTTP posts (RFC 8620 §3.1).
func overHTTP(b *browser) transport {
	return func(t *testing.T, body string) (*jmap.Response, *jmap.RequestError) {
		t.Helper()
		resp := b.post("/jmap/api", body)
		if resp.StatusCode == http.StatusOK {
			out := new(jmap.Response)
			if err := json.Unmarshal([]byte(resp.text), out); err != nil || resp.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s %s: %v", resp.Header.Get("Content-Type"), resp.text, err)
			}
			return out, nil
		}
		refused := new(jmap.RequestError)
		if err := json.Unmarshal([]byte(resp.text), refused); err != nil || resp.Header.Get("Content-Type") != "application/problem+json" || refused.Status != resp.StatusCode {
			t.Fatalf("%s %s %s: %v", resp.Status, resp.Header.Get("Content-Type"), resp.text, err)
		}
		return nil, refused
	}
}

// overSocket sends frames (RFC 8887 §4.3).
func overSocket(s socket) transport {
	return func(t *testing.T, body string) (*jmap.Response, *jmap.RequestError) {
		t.Helper()
		id := ""
		if rest, ok := strings.CutPrefix(body, "{"); ok {
			id = "R"
			head := `{"@type":"Request","id":"R"`
			if rest != "}" {
				head += ","
			}
			body = head + rest
		}
		s.say(t, body)
		f := s.hear(t)
		if f.Type == jmap.FrameRequestError && f.RequestError.Type == jmap.ErrNotJSON {
			id = "" // it could not be read
		}
		if f.RequestID != id {
			t.Errorf("answered %q, not %q", f.RequestID, id)
		}
		return f.Response, f.RequestError
	}
}

const core = `"using":["urn:ietf:params:jmap:core"]`

// exchanges is requests and what is answered to them, whatever brings them: how the
// request is refused (RFC 8620 §3.6.1), or what its answers are.
var exchanges = []struct {
	name, request  string
	refused, limit string // without the beginning of the URN
	answers        string // as JSON; ACCOUNT stands for the account
}{
	{"not JSON", `nonsense`, "notJSON", "", ""},
	{"nothing", ``, "notJSON", "", ""},
	{"half of it", `{` + core, "notJSON", "", ""},
	{"two documents", `{` + core + `,"methodCalls":[]}{}`, "notJSON", "", ""},
	{"a name twice", `{` + core + `,"methodCalls":[],"methodCalls":[]}`, "notJSON", "", ""},
	{"a name twice, spelled differently", `{` + core + `,"methodCalls":[["Core/echo",{"a":1,"\u0061":2},"c"]]}`, "notJSON", "", ""},
	{"one name in two objects", `{` + core + `,"methodCalls":[["Core/echo",{"a":{"a":1},"b":[{"a":2}]},"c"]]}`, "", "", `[["Core/echo",{"a":{"a":1},"b":[{"a":2}]},"c"]]`},
	{"no UTF-8", `{` + core + `,"methodCalls":[["Core/echo",{"a":"` + "\xff" + `"},"c"]]}`, "notJSON", "", ""},
	{"a lone surrogate", `{` + core + `,"methodCalls":[["Core/echo",{"a":"\ud83d"},"c"]]}`, "notJSON", "", ""},
	{"a pair of them", `{` + core + `,"methodCalls":[["Core/echo",{"a":"\ud83d\ude00 \\ud83d"},"c"]]}`, "", "", `[["Core/echo",{"a":"😀 \\ud83d"},"c"]]`},
	{"a list", `[]`, "notRequest", "", ""},
	{"null", `null`, "notRequest", "", ""},
	{"an empty object", `{}`, "notRequest", "", ""},
	{"no methodCalls", `{` + core + `}`, "notRequest", "", ""},
	{"no using", `{"methodCalls":[]}`, "notRequest", "", ""},
	{"using is null", `{"using":null,"methodCalls":[]}`, "notRequest", "", ""},
	{"using is no list", `{"using":"x","methodCalls":[]}`, "notRequest", "", ""},
	{"using has null", `{"using":[null],"methodCalls":[]}`, "notRequest", "", ""},
	{"names have their letter case", `{"Using":[],"methodCalls":[]}`, "notRequest", "", ""},
	{"methodCalls is an object", `{` + core + `,"methodCalls":{}}`, "notRequest", "", ""},
	{"a call of two", `{` + core + `,"methodCalls":[["Core/echo",{}]]}`, "notRequest", "", ""},
	{"a call of four", `{` + core + `,"methodCalls":[["Core/echo",{},"c","d"]]}`, "notRequest", "", ""},
	{"a call is null", `{` + core + `,"methodCalls":[null]}`, "notRequest", "", ""},
	{"arguments are a list", `{` + core + `,"methodCalls":[["Core/echo",[],"c"]]}`, "notRequest", "", ""},
	{"arguments are null", `{` + core + `,"methodCalls":[["Core/echo",null,"c"]]}`, "notRequest", "", ""},
	{"a method call id is a number", `{` + core + `,"methodCalls":[["Core/echo",{},1]]}`, "notRequest", "", ""},
	{"createdIds is a list", `{` + core + `,"methodCalls":[],"createdIds":[]}`, "notRequest", "", ""},
	{"createdIds has what is no id", `{` + core + `,"methodCalls":[],"createdIds":{"a":"two words"}}`, "notRequest", "", ""},
	{"a capability nobody knows", `{"using":["urn:ietf:params:jmap:core","urn:example:nothing"],"methodCalls":[]}`, "unknownCapability", "", ""},
	{"too many calls", `{` + core + `,"methodCalls":[` + strings.Repeat(`["Core/echo",{},"c"],`, 64) + `["Core/echo",{},"c"]]}`, "limit", "maxCallsInRequest", ""},

	{"no calls", `{` + core + `,"methodCalls":[]}`, "", "", `[]`},
	{"more than there has to be", `{` + core + `,"methodCalls":[],"more":true}`, "", "", `[]`},
	{"an echo", `{` + core + `,"methodCalls":[["Core/echo",{"x":12345678901234567890,"y":[null]},"c"]]}`, "", "", `[["Core/echo",{"x":12345678901234567890,"y":[null]},"c"]]`},
	{"one id for two calls", `{` + core + `,"methodCalls":[["Core/echo",{"x":1},"c"],["Core/echo",{"x":2},"c"],["Core/echo",{"#y":{"resultOf":"c","name":"Core/echo","path":"/x"}},"d"]]}`, "", "", `[["Core/echo",{"x":1},"c"],["Core/echo",{"x":2},"c"],["Core/echo",{"y":1},"d"]]`},
	{"an empty id", `{` + core + `,"methodCalls":[["Core/echo",{},""]]}`, "", "", `[["Core/echo",{},""]]`},
	{"a method nobody knows", `{` + core + `,"methodCalls":[["Nothing/get",{},"c"],["Core/echo",{},"d"]]}`, "", "", `[["error",{"type":"unknownMethod"},"c"],["Core/echo",{},"d"]]`},
	{"a method whose capability is not used", `{` + core + `,"methodCalls":[["Email/get",{"accountId":"ACCOUNT","ids":[]},"c"]]}`, "", "", `[["error",{"type":"unknownMethod"},"c"]]`},
	{"the core has to be used, too", `{"using":["urn:ietf:params:jmap:mail"],"methodCalls":[["Core/echo",{},"c"],["Email/get",{"accountId":"other","ids":[]},"d"]]}`, "", "", `[["error",{"type":"unknownMethod"},"c"],["error",{"type":"accountNotFound"},"d"]]`},
	{"an account that is not there", `{"using":["urn:ietf:params:jmap:mail"],"methodCalls":[["Mailbox/get",{"accountId":"other"},"c"]]}`, "", "", `[["error",{"type":"accountNotFound"},"c"]]`},
	{"an account of another kind", `{"using":["urn:ietf:params:jmap:mail"],"methodCalls":[["Mailbox/get",{"accountId":5},"c"]]}`, "", "", `[["error",{"type":"invalidArguments","description":"accountId must not be a number"},"c"]]`},
	{"a reference to nothing", `{` + core + `,"methodCalls":[["Core/echo",{"#x":{"resultOf":"0","name":"Core/echo","path":"/x"}},"c"]]}`, "", "", `[["error",{"type":"invalidResultReference","description":"no earlier call has that id"},"c"]]`},
	{"a reference in other letters", `{` + core + `,"methodCalls":[["Core/echo",{"x":[1]},"0"],["Core/echo",{"\u0023y":{"resultOf":"0","name":"Core/echo","path":"/x/0"}},"c"]]}`, "", "", `[["Core/echo",{"x":[1]},"0"],["Core/echo",{"y":1},"c"]]`},
}

// TestTransports: the same is answered over HTTP and over a WebSocket.
func TestTransports(t *testing.T) {
	b := newHouse(t).signIn("ada@hearth.test")
	account := string(b.account())
	state := b.session().State
	for name, send := range map[string]transport{"HTTP": overHTTP(b), "WebSocket": overSocket(b.socket(t, nil))} {
		for _, e := range exchanges {
			t.Run(name+"/"+e.name, func(t *testing.T) {
				resp, refused := send(t, strings.ReplaceAll(e.request, "ACCOUNT", account))
				if e.refused != "" {
					if refused == nil || refused.Type != "urn:ietf:params:jmap:error:"+e.refused || refused.Limit != e.limit || refused.Status != http.StatusBadRequest || refused.Detail == "" {
						t.Errorf("refused as %+v, answered %+v", refused, resp)
					}
					return
				}
				if refused != nil {
					t.Fatal(refused)
				}
				answers, err := json.Marshal(resp.MethodResponses)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := canonical(t, string(answers)), canonical(t, e.answers); got != want {
					t.Errorf("answered\n%s\nnot\n%s", got, want)
				}
				if resp.SessionState != state || resp.CreatedIds != nil {
					t.Errorf("session state %s, not %s; created ids %v", resp.SessionState, state, resp.CreatedIds)
				}
			})
		}
		t.Run(name+"/created ids come back", func(t *testing.T) {
			resp, refused := send(t, `{`+core+`,"methodCalls":[],"createdIds":{"a":"b"}}`)
			if refused != nil || len(resp.CreatedIds) != 1 || resp.CreatedIds["a"] != "b" {
				t.Errorf("%+v %v", resp, refused)
			}
		})
	}
}

// canonical writes JSON in one way.
func canonical(t *testing.T, text string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
