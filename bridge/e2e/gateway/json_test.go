package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// obj is a JSON object.
type obj = map[string]any

// missing stands for a member that is not there, which null is.
type missing struct{}

// dig goes down into JSON by members and positions.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			of, _ := v.(obj)
			member, ok := of[step]
			if !ok {
				return missing{}
			}
			v = member
		case int:
			of, _ := v.([]any)
			if step >= len(of) {
				return missing{}
			}
			v = of[step]
		}
	}
	return v
}

// text is a string that must be there and not empty.
func text(t *testing.T, v any, path ...any) string {
	t.Helper()
	s, _ := dig(v, path...).(string)
	if s == "" {
		t.Fatalf("%v is no text in %s", path, show(v))
	}
	return s
}

// list is an array that must be there.
func list(t *testing.T, v any, path ...any) []any {
	t.Helper()
	of, ok := dig(v, path...).([]any)
	if !ok {
		t.Fatalf("%v is no array in %s", path, show(v))
	}
	return of
}

// number is a number that must be there.
func number(t *testing.T, v any, path ...any) float64 {
	t.Helper()
	n, ok := dig(v, path...).(float64)
	if !ok {
		t.Fatalf("%v is no number in %s", path, show(v))
	}
	return n
}

// kind is JSON's word for what v is, or "missing".
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case missing:
		return "missing"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	case []any:
		return "array"
	}
	return "object"
}

// shaped checks what members are: kinds as in "id string, role string|null".
func shaped(t *testing.T, v any, kinds string) {
	t.Helper()
	for member := range strings.SplitSeq(kinds, ", ") {
		name, allowed, _ := strings.Cut(member, " ")
		if got := kind(dig(v, name)); !slices.Contains(strings.Split(allowed, "|"), got) {
			t.Errorf("%s is %s, not %s, in %s", name, got, allowed, show(v))
		}
	}
}

// equal checks that got is want, compared as JSON.
func equal(t *testing.T, about string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(asJSON(t, got), asJSON(t, want)) {
		t.Errorf("%s is %s, not %s", about, show(got), show(want))
	}
}

// asJSON is v as it is after a journey as JSON.
func asJSON(t *testing.T, v any) (out any) {
	t.Helper()
	if _, ok := v.(missing); ok {
		return v
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// includes checks that an array has these.
func includes(t *testing.T, about string, in any, wanted ...string) {
	t.Helper()
	of, _ := in.([]any)
	for _, id := range wanted {
		if !slices.Contains(of, any(id)) {
			t.Errorf("%s lacks %s: %s", about, id, show(in))
		}
	}
}

// excludes checks that an array has none of these.
func excludes(t *testing.T, about string, in any, unwanted ...string) {
	t.Helper()
	of, ok := in.([]any)
	if !ok {
		t.Errorf("%s is no array: %s", about, show(in))
	}
	for _, id := range unwanted {
		if slices.Contains(of, any(id)) {
			t.Errorf("%s has %s: %s", about, id, show(in))
		}
	}
}

// show is JSON to read, not too much of it.
func show(v any) string {
	if _, ok := v.(missing); ok {
		return "missing"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	if len(raw) > 600 {
		return fmt.Sprintf("%s… (%d octets)", raw[:600], len(raw))
	}
	return string(raw)
}

// with is arguments with more.
func with(args, more obj) obj {
	out := obj{}
	for _, from := range []obj{args, more} {
		maps.Copy(out, from)
	}
	return out
}
