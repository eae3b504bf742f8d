package mailinfo

import "testing"

func TestMistaken(t *testing.T) {
	known := []string{"grace@hearth.test", "Howard.Aiken@harvard.example", "ann@hearth.test"}
	for address, want := range map[string]string{
		"grace@hearth.test":            "",
		"GRACE@Hearth.test":            "",
		"grace@heart.test":             "grace@hearth.test",
		"grace@haerth.test":            "grace@hearth.test",
		"grace@hearrth.test":           "grace@hearth.test",
		"somebody@heart.test":          "", // nobody of that name is known there
		"howard.aikin@harvard.example": "howard.aiken@harvard.example",
		"amn@hearth.test":              "", // may well be another person
		"grace@elsewhere.test":         "",
		"":                             "",
	} {
		if got := Mistaken(address, known); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
