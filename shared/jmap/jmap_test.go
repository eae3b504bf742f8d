package jmap_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestJSON: what is written is what the RFCs show, and reads back as it was.
func TestJSON(t *testing.T) {
	lisbon, limit, descending, name := time.Date(2026, 5, 9, 12, 0, 0, 0, time.UTC), 0, false, "Grace"
	cases := []struct {
		name  string
		value any
		json  string
	}{
		{
			"request, RFC 8620 §3.3.1",
			jmap.Request{
				Using:       []string{jmap.CapabilityCore, jmap.CapabilityMail},
				MethodCalls: []jmap.Invocation{{Name: "method1", Args: json.RawMessage(`{"arg1":"arg1data"}`), CallID: "c1"}},
			},
			`{"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail"],"methodCalls":[["method1",{"arg1":"arg1data"},"c1"]]}`,
		},
		{
			"createdIds are sent when empty, not when absent",
			jmap.Request{Using: []string{}, MethodCalls: []jmap.Invocation{}, CreatedIds: map[jmap.Id]jmap.Id{}},
			`{"using":[],"methodCalls":[],"createdIds":{}}`,
		},
		{
			"response, RFC 8620 §3.4.1",
			jmap.Response{MethodResponses: []jmap.Invocation{{Name: "error", Args: json.RawMessage(`{"type":"unknownMethod"}`), CallID: "c3"}}, SessionState: "75128aab4b1b"},
			`{"methodResponses":[["error",{"type":"unknownMethod"},"c3"]],"sessionState":"75128aab4b1b"}`,
		},
		{"a call without arguments has an empty object", jmap.Invocation{Name: "Core/echo", CallID: "a"}, `["Core/echo",{},"a"]`},
		{"all ids", jmap.GetRequest{AccountId: "a"}, `{"accountId":"a"}`},
		{"no ids", jmap.GetRequest{AccountId: "a", Ids: []jmap.Id{}}, `{"accountId":"a","ids":[]}`},
		{
			"ids of an earlier answer",
			jmap.GetRequest{AccountId: "a", IdsRef: &jmap.ResultReference{ResultOf: "t0", Name: "Foo/changes", Path: "/created"}},
			`{"accountId":"a","#ids":{"resultOf":"t0","name":"Foo/changes","path":"/created"}}`,
		},
		{
			"Email/get inherits what Foo/get has",
			jmap.EmailGetRequest{GetRequest: jmap.GetRequest{AccountId: "a", Ids: []jmap.Id{"m"}}, FetchTextBodyValues: true, MaxBodyValueBytes: 9},
			`{"accountId":"a","ids":["m"],"fetchTextBodyValues":true,"maxBodyValueBytes":9}`,
		},
		{
			"an asked-for limit of nothing is not no limit; a filter nests",
			jmap.QueryRequest[jmap.EmailFilter]{
				AccountId: "a", Limit: &limit, Sort: []jmap.Comparator{{Property: "size", IsAscending: &descending}},
				Filter: &jmap.EmailFilter{Operator: "NOT", Conditions: []jmap.EmailFilter{{From: "grace"}, {Before: lisbon}}},
			},
			`{"accountId":"a","filter":{"operator":"NOT","conditions":[{"from":"grace"},{"before":"2026-05-09T12:00:00Z"}]},"sort":[{"property":"size","isAscending":false}],"limit":0}`,
		},
		{
			"addresses without a name have null",
			[]jmap.EmailAddress{{Email: "a@b.test"}, {Name: &name, Email: "g@b.test"}},
			`[{"name":null,"email":"a@b.test"},{"name":"Grace","email":"g@b.test"}]`,
		},
		{
			"a patch removes with null",
			jmap.SetRequest{AccountId: "a", Update: map[jmap.Id]jmap.PatchObject{"m": {"keywords/$seen": nil}}},
			`{"accountId":"a","update":{"m":{"keywords/$seen":null}}}`,
		},
		{"error", jmap.MethodError{Type: jmap.InvalidArguments, Arguments: []string{"ids"}}, `{"type":"invalidArguments","arguments":["ids"]}`},
		{"problem", jmap.RequestError{Type: jmap.ErrLimit, Status: 400, Limit: "maxCallsInRequest"}, `{"type":"urn:ietf:params:jmap:error:limit","status":400,"limit":"maxCallsInRequest"}`},
		{
			"Response frame, RFC 8887 §4.3.2",
			jmap.Frame{Type: jmap.FrameResponse, RequestID: "R1", Response: &jmap.Response{MethodResponses: []jmap.Invocation{}, SessionState: "s"}},
			`{"@type":"Response","requestId":"R1","methodResponses":[],"sessionState":"s"}`,
		},
		{
			"RequestError frame names no request it could not read",
			jmap.Frame{Type: jmap.FrameRequestError, RequestError: &jmap.RequestError{Type: jmap.ErrNotJSON, Status: 400}},
			`{"@type":"RequestError","requestId":null,"type":"urn:ietf:params:jmap:error:notJSON","status":400}`,
		},
		{
			"StateChange frame",
			jmap.Frame{Type: jmap.FrameStateChange, StateChange: &jmap.StateChange{Changed: map[jmap.Id]map[string]jmap.State{"a": {"Email": "1"}}, PushState: "p"}},
			`{"@type":"StateChange","changed":{"a":{"Email":"1"}},"pushState":"p"}`,
		},
		{"push of all types", jmap.Frame{Type: jmap.FramePushEnable, PushEnable: &jmap.PushEnable{}}, `{"@type":"WebSocketPushEnable","dataTypes":null}`},
		{"push of none", jmap.Frame{Type: jmap.FramePushDisable}, `{"@type":"WebSocketPushDisable"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := json.Marshal(c.value)
			if err != nil || string(got) != c.json {
				t.Errorf("wrote %s (%v)\nwant  %s", got, err, c.json)
			}
			if f, ok := c.value.(jmap.Frame); ok {
				again(t, f, c.json)
			}
		})
	}
}

// again reads a frame and writes it once more.
func again(t *testing.T, want jmap.Frame, text string) {
	t.Helper()
	var f jmap.Frame
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	if f.Type != want.Type || f.RequestID != want.RequestID {
		t.Errorf("read %q %q, want %q %q", f.Type, f.RequestID, want.Type, want.RequestID)
	}
	out, err := json.Marshal(f)
	if err != nil || string(out) != text {
		t.Errorf("second time %s (%v)", out, err)
	}
}

func TestRequestFrameHasItsOwnId(t *testing.T) {
	text := `{"@type":"Request","id":"R1","using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{"x":1},"c"]]}`
	var f jmap.Frame
	if err := json.Unmarshal([]byte(text), &f); err != nil || f.RequestID != "R1" || len(f.Request.MethodCalls) != 1 {
		t.Fatalf("read %+v, %v", f, err)
	}
	if out, err := json.Marshal(f); err != nil || string(out) != text {
		t.Errorf("wrote %s, %v", out, err)
	}
}

func TestWhatIsNoInvocation(t *testing.T) {
	for _, text := range []string{
		`null`, `{}`, `[]`, `["a"]`, `["a",{}]`, `["a",{},"c","d"]`, `[1,{},"c"]`, `["a",[],"c"]`, `["a",null,"c"]`, `["a",{},1]`, `["a",{},null]`, `[null,null,null]`,
	} {
		var c jmap.Invocation
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%s was taken for %+v", text, c)
		}
	}
}

func TestWhatIsNoFrame(t *testing.T) {
	for text, says := range map[string]string{
		`{}`:                              "without @type",
		`{"@type":"Nonsense"}`:            "Nonsense",
		`{"@type":5}`:                     "",
		`[]`:                              "",
		`{"@type":"Request","using":"x"}`: "",
	} {
		var f jmap.Frame
		if err := json.Unmarshal([]byte(text), &f); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := json.Marshal(jmap.Frame{Type: "Nonsense"}); err == nil {
		t.Error("a frame of no type was written")
	}
}

func TestIds(t *testing.T) {
	for id, valid := range map[jmap.Id]bool{
		"a": true, "AZaz09-_": true, jmap.Id(strings.Repeat("x", 255)): true,
		"": false, jmap.Id(strings.Repeat("x", 256)): false, "a b": false, "a/b": false, "ä": false, "#a": false, "a\x00": false,
	} {
		if id.Valid() != valid {
			t.Errorf("%q is valid: %v", id, !valid)
		}
	}
}

func TestMethodErrors(t *testing.T) {
	cause := errors.New("disk on fire")
	err := jmap.Fail(jmap.ServerFail, cause)
	if !errors.Is(err, cause) {
		t.Error("the log is not told the cause")
	}
	raw, _ := json.Marshal(err)
	if strings.Contains(string(raw), "fire") {
		t.Errorf("the client is told the cause: %s", raw)
	}
	var m *jmap.MethodError
	answer := jmap.Invocation{Name: "error", Args: json.RawMessage(`{"type":"stateMismatch","description":"older"}`)}
	if !errors.As(jmap.AsMethodError(answer), &m) || m.Type != jmap.StateMismatch || m.Error() != "stateMismatch: older" {
		t.Errorf("read %v", m)
	}
	if err := jmap.AsMethodError(jmap.Invocation{Name: "error", Args: json.RawMessage(`{}`)}); err == nil || errors.As(err, &m) {
		t.Errorf("an error without a type is %v", err)
	}
	if err := jmap.AsMethodError(jmap.Invocation{Name: "Core/echo"}); err != nil {
		t.Error(err)
	}
}

// FuzzFrame: what is read can be written, and then reads the same.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"@type":"Request","id":"1","using":[],"methodCalls":[["a",{},"c"]],"createdIds":{}}`,
		`{"@type":"Response","requestId":"1","methodResponses":[],"sessionState":""}`,
		`{"@type":"RequestError","requestId":null,"type":"x","status":400}`,
		`{"@type":"StateChange","changed":{"a":{"Email":"1"}}}`,
		`{"@type":"WebSocketPushEnable","dataTypes":["Email"],"pushState":"x"}`,
		`{"@type":"WebSocketPushDisable"}`, `{"@type":"Request","methodCalls":null}`, `["@type"]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var frame jmap.Frame
		if json.Unmarshal(data, &frame) != nil {
			return
		}
		first, err := json.Marshal(frame)
		if err != nil {
			t.Fatalf("%s was read and cannot be written: %v", data, err)
		}
		var second jmap.Frame
		if err := json.Unmarshal(first, &second); err != nil {
			t.Fatalf("%s was written and cannot be read: %v", first, err)
		}
		if out, err := json.Marshal(second); err != nil || string(out) != string(first) {
			t.Errorf("%s became %s (%v)", first, out, err)
		}
	})
}
