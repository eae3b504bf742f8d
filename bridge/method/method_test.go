package method_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestNoMethodReachesAnotherAccount: whatever else a call says, the account it names is the
// member's own or there is none.
func TestNoMethodReachesAnotherAccount(t *testing.T) {
	p := newPlayer(t)
	p.using = slices.Concat(p.using, []string{jmap.CapabilityBridge})
	for _, name := range method.Methods() {
		if name == "Core/echo" || strings.HasPrefix(name, "PushSubscription/") {
			continue
		}
		for args, want := range map[string]string{
			`{"accountId":"someone-else","ids":["e1-1-1"],"blobIds":["be1-1-1"],"fromAccountId":"a","create":{"x":{"id":"e1-1-1"}}}`: jmap.AccountNotFound,
			`{"accountId":"","ids":null}`: jmap.AccountNotFound,
			`{"accountId":"A"}`:           jmap.AccountNotFound,
			`{"accountId":null}`:          jmap.InvalidArguments,
			`{"accountId":["a"]}`:         jmap.InvalidArguments,
			`{"ids":[]}`:                  jmap.InvalidArguments,
			`{"#accountId":{"resultOf":"x","name":"Core/echo","path":"/a"}}`: jmap.InvalidResultReference,
		} {
			got := string(p.call(fmt.Sprintf(`[[%q,%s,"c"]]`, name, args)))
			if !strings.HasPrefix(got, `[["error",`) || !strings.Contains(got, `"type":"`+want+`"`) {
				t.Errorf("%s %s: %s", name, args, got)
			}
		}
	}
	for _, name := range []string{"Email/copy", "Blob/copy"} {
		got := string(p.call(`[["` + name + `",{"accountId":"a","fromAccountId":"someone-else","blobIds":["be1-1-1"],"create":{"x":{"id":"e1-1-1"}}},"c"]]`))
		if !strings.Contains(got, `"type":"fromAccountNotFound"`) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestMethodsWantTheirCapability: a method of a capability that is not used is not known
// (RFC 8620 §3.6.2).
func TestMethodsWantTheirCapability(t *testing.T) {
	p := newPlayer(t)
	all := slices.Concat(p.using, []string{jmap.CapabilityBridge})
	for _, name := range method.Methods() {
		needs := method.CapabilityOf(name)
		if needs == jmap.CapabilityBridge && !strings.HasPrefix(name, "Bridge") {
			t.Errorf("%s: nobody said which capability its type is of", name)
		}
		p.using = slices.DeleteFunc(slices.Clone(all), func(uri string) bool { return uri == needs })
		if got := string(p.call(`[["` + name + `",{"accountId":"a"},"c"]]`)); got != `[["error",{"type":"unknownMethod"},"c"]]` {
			t.Errorf("%s without %s: %s", name, needs, got)
		}
		p.using = []string{needs}
		if got := string(p.call(`[["` + name + `",{"accountId":"nobody"},"c"]]`)); strings.Contains(got, "unknownMethod") {
			t.Errorf("%s with no more than %s: %s", name, needs, got)
		}
	}
}

// TestObjectsInOneCall: no method reads or changes more than the session object says (RFC
// 8620 §5.1, §5.3).
func TestObjectsInOneCall(t *testing.T) {
	p := newPlayer(t)
	p.seeToAccounts()
	p.using = append(p.using, jmap.CapabilityBridge)
	ids := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf("x%d", i)
		}
		raw, _ := json.Marshal(all) // strings always marshal
		return string(raw)
	}
	creations := func(n int) string {
		all := map[string]map[string]any{}
		for i := range n {
			all[fmt.Sprintf("x%d", i)] = map[string]any{}
		}
		raw, _ := json.Marshal(all)
		return string(raw)
	}
	for _, name := range method.Methods() {
		_, verb, _ := strings.Cut(name, "/")
		var args []string
		most := method.MaxObjectsInSet
		switch verb {
		case "get":
			most = method.MaxObjectsInGet
			args = []string{`"ids":` + ids(most+1)}
			if name == "SearchSnippet/get" {
				args = []string{`"filter":{"text":"x"},"emailIds":` + ids(most+1)}
			}
		case "lookup":
			args = []string{`"typeNames":["Email"],"ids":` + ids(most+1)}
		case "set":
			args = []string{
				`"destroy":` + ids(most+1), `"create":` + creations(most+1), `"update":` + creations(most+1),
				`"create":` + creations(1) + `,"destroy":` + ids(most),
			}
		case "copy":
			args = []string{`"fromAccountId":"g","create":` + creations(most+1) + `,"blobIds":` + ids(most+1)}
		case "upload":
			args = []string{`"create":` + creations(most+1)}
		case "import":
			args = []string{`"emails":` + creations(most+1)}
		case "parse":
			args = []string{`"blobIds":` + ids(most+1)}
		}
		for _, more := range args {
			got := string(p.call(`[["` + name + `",{"accountId":"a",` + more + `},"c"]]`))
			if !strings.HasPrefix(got, `[["error",{"type":"requestTooLarge"`) {
				t.Errorf("%s %.40s: %.200s", name, more, got)
			}
		}
	}
}

// FuzzArguments: whatever the arguments of a call, it is answered, and with an answer of its
// own or an error of a type there is. That of a bug, serverFail, is none of them.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{
		`{"accountId":"a"}`, `{"accountId":"a","ids":["be1-1-1","#x"],"properties":["data","digest:sha"],"offset":3,"length":9}`,
		`{"accountId":"a","create":{"x":{"data":[{"data:asText":"a"},{"blobId":"be1-1-1","offset":1,"length":2}]}}}`,
		`{"accountId":"a","fromAccountId":"g","blobIds":["be1-1-1"]}`, `{"accountId":"a","typeNames":["Email"],"ids":["be1-1-1_1"]}`,
		`{"create":{"x":{"deviceClientId":"x","url":"https://push.hearth.test/"}},"update":{"p":{"types":null}},"destroy":["p"]}`,
		`{"accountId":"a","#ids":{"resultOf":"0","name":"Core/echo","path":"/x/*/~0~1/0"}}`, `{"accountId":"a","ids":null,"#ids":{}}`,
	} {
		f.Add(seed)
	}
	names := []string{"Core/echo", "Blob/upload", "Blob/get", "Blob/lookup", "Blob/copy", "PushSubscription/get", "PushSubscription/set"}
	p := newPlayer(f)
	f.Fuzz(func(t *testing.T, args string) {
		if !json.Valid([]byte(args)) || !strings.HasPrefix(args, "{") {
			return
		}
		p.t = t
		for _, name := range names {
			var answers []jmap.Invocation
			raw := p.call(`[["Core/echo",{"x":[{"~/":[1,"a"]},[[]]]},"0"],["` + name + `",` + args + `,"c"]]`)
			if err := json.Unmarshal(raw, &answers); err != nil || len(answers) != 2 || answers[1].CallID != "c" {
				t.Fatalf("%s: %v", raw, err)
			}
			if answers[1].Name == "error" && strings.Contains(string(answers[1].Args), `"serverFail"`) || answers[1].Name != "error" && answers[1].Name != name {
				t.Fatalf("%s %s: %s", name, args, raw)
			}
		}
	})
}
