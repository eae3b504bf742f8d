package downstream

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// TestLimitsAreThoseOfMethods: what the session object promises is what the methods keep to.
func TestLimitsAreThoseOfMethods(t *testing.T) {
	if limits.MaxCallsInRequest != method.MaxCallsInRequest || limits.MaxObjectsInGet != method.MaxObjectsInGet || limits.MaxObjectsInSet != method.MaxObjectsInSet {
		t.Errorf("%+v", limits)
	}
}

func TestSlots(t *testing.T) {
	s := newSlots(2)
	for range 2 {
		if !s.take("ada") {
			t.Fatal("no slot")
		}
	}
	if s.take("ada") || !s.take("grace") {
		t.Error("one client's requests are counted for another")
	}
	s.give("ada")
	s.give("grace")
	if !s.take("ada") || len(s.taken) != 1 {
		t.Errorf("taken: %v", s.taken)
	}
}

// FuzzRequest: whatever comes, it is refused in the words of RFC 8620 §3.6.1, or it is a
// request that means the same when it is written and read again.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{"x":1},"c"]],"createdIds":{"a":"b"}}`,
		`{"using":[],"methodCalls":[["a",{"\u0061":"\ud83d\ude00","b":[{},{"a":null}]},"c"]]}`,
		`{"a":1,"a":2}`, `{"":{"":""}}`, `["\ud800"]`, `"\\"`, `null`, "\xff", strings.Repeat("[", 300) + strings.Repeat("]", 300),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := readRequest(body)
		if err != nil {
			var refused *jmap.RequestError
			if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || refused.Type == "" {
				t.Fatalf("refused as %v", err)
			}
			return
		}
		again, err := json.Marshal(req)
		if err != nil {
			t.Fatal(err)
		}
		second, err := readRequest(again)
		if err != nil {
			t.Fatalf("%v of %s", err, again)
		}
		// Arguments are written shorter than they came: compare what they mean.
		third, err := json.Marshal(second)
		if err != nil || !reflect.DeepEqual(third, again) {
			t.Fatalf("%s became %s, %v", again, third, err)
		}
	})
}
