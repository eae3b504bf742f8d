package method

import (
	"encoding/json"
	"testing"
)

// TestPointers as RFC 6901 §5 has them, and with the * of RFC 8620 §3.7.
func TestPointers(t *testing.T) {
	const document = `{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8,"*":"star","c":{"*":[{"d":[[1],[2,3]]},{"d":[4]}]},"n":9007199254740993,"e":[]}`
	for path, want := range map[string]string{
		"":           document,
		"/foo":       `["bar","baz"]`,
		"/foo/0":     `"bar"`,
		"/":          `0`,
		"/a~1b":      `1`,
		"/m~0n":      `8`,
		"/*":         `"star"`,
		"/foo/*":     `["bar","baz"]`,
		"/c/*/*/d":   `[[1],[2,3],4]`,
		"/c/*/*/d/*": `[1,2,3,4]`,
		"/c/*/0/d/1": `[2,3]`,
		"/n":         `9007199254740993`,
		"/e/*":       `[]`,
		"/e/*/x":     `[]`,
		"foo":        "",
		"/foo/2":     "",
		"/foo/-":     "",
		"/foo/-1":    "",
		"/foo/01":    "",
		"/foo/+1":    "",
		"/foo/bar":   "",
		"/foo/0/x":   "",
		"/foo/*/x":   "",
		"/nothing":   "",
		"/n/*":       "",
		"/m~2n":      "",
		"/a~":        "",
	} {
		got, err := evaluatePointer([]byte(document), path)
		if want == "" {
			if err == nil {
				t.Errorf("%s: %s, and no error", path, got)
			}
			continue
		}
		if err != nil || !sameJSON(got, want) {
			t.Errorf("%s: %s %v, not %s", path, got, err, want)
		}
	}
}

func sameJSON(a json.RawMessage, b string) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	first, _ := json.Marshal(x) // what was read can be written
	second, _ := json.Marshal(y)
	return string(first) == string(second)
}
