package screen

import "testing"

func TestFileNames(t *testing.T) {
	for text, want := range map[string]string{
		"Supper on Friday":  "Supper on Friday",
		"../../etc: passwd": "_.._etc_ passwd",
		"a\r\nb\x00":        "a__b_",
		" Ünï — ok. ":       "Ünï — ok",
	} {
		if got := fileName(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
