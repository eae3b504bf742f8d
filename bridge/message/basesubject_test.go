package message

import "testing"

func TestBaseSubject(t *testing.T) {
	for subject, want := range map[string]string{
		"":                               "",
		"tea":                            "tea",
		"Re: tea":                        "tea",
		"re : RE:  Fwd: tea":             "tea",
		"Fw: tea (fwd) (FWD)":            "tea",
		"[list] tea":                     "tea",
		"Re: [list] Re: tea":             "tea",
		"[list] [other] re: tea":         "tea",
		"Re[2]: tea":                     "tea",
		"[Fwd: Re: tea]":                 "tea",
		"[list]":                         "[list]",
		"Re:":                            "",
		"Regarding tea":                  "Regarding tea",
		"[open tea":                      "[open tea",
		"a\tb  c":                        "a b c",
		"Re: über [x] tea":               "über [x] tea",
		"(fwd)":                          "",
		"[a][b] Fwd: [c] (fwd) of (fwd)": "(fwd) of",
	} {
		if got := BaseSubject(subject); got != want {
			t.Errorf("%q: %q, not %q", subject, got, want)
		}
	}
}

func FuzzBaseSubject(f *testing.F) {
	f.Add("Re: [list] Fwd: tea (fwd)")
	f.Add("[Fwd: [Fwd: x] (fwd)]")
	f.Fuzz(func(t *testing.T, subject string) {
		once := BaseSubject(subject)
		if twice := BaseSubject(once); twice != once {
			t.Errorf("%q: %q, then %q", subject, once, twice)
		}
	})
}
