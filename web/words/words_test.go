package words

import (
	"strings"
	"testing"
	"unicode"
)

// speak uses a language for one test.
func speak(t *testing.T, tag, text string) {
	t.Helper()
	if !Speak(tag, text) {
		t.Fatalf("%s cannot be spoken", tag)
	}
	t.Cleanup(func() { use("en", "") })
}

const german = `{"words": {
	"Archive": "Archivieren", "mailbox|Archive": "Archiv",
	"Move {what} to {mailbox}": "Nach {mailbox} verschieben: {what}"
}, "plurals": {
	"{n} messages in {mailbox}": {"one": "In {mailbox}: {n} Nachricht", "other": "In {mailbox}: {n} Nachrichten"}
}}`

func TestEnglish(t *testing.T) {
	for got, want := range map[string]string{
		T("Archive"):         "Archive",
		T("mailbox|Archive"): "Archive",
		T("Move {what} to {mailbox}", "it", "Work"):                            "Move it to Work",
		T("{a} and {a} and {b}", "1", "2"):                                     "1 and 1 and 2",
		N(1, "{n} message in {mailbox}", "{n} messages in {mailbox}", "Work"):  "1 message in Work",
		N(0, "{n} message in {mailbox}", "{n} messages in {mailbox}", "Work"):  "0 messages in Work",
		N(2, "Delete this message for good?", "Delete {n} messages for good?"): "Delete 2 messages for good?",
		N(1, "Delete this message for good?", "Delete {n} messages for good?"): "Delete this message for good?",
		Mark("mailbox|Archive").String():                                       "Archive",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestGerman(t *testing.T) {
	speak(t, "de", german)
	for got, want := range map[string]string{
		T("Archive"):           "Archivieren",
		T("mailbox|Archive"):   "Archiv",
		T("Not there"):         "Not there",
		T("mailbox|Not there"): "Not there",
		T("Move {what} to {mailbox}", "Brief", "Arbeit"):     "Nach Arbeit verschieben: Brief",
		T("Move {what} to {mailbox}", "{mailbox}", "{what}"): "Nach {what} verschieben: {mailbox}",
		N(1, "", "{n} messages in {mailbox}", "{n}"):         "In {n}: 1 Nachricht",
		N(7, "", "{n} messages in {mailbox}", "Arbeit"):      "In Arbeit: 7 Nachrichten",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// TestIsolated: a name in another direction does not reorder the words around it.
func TestIsolated(t *testing.T) {
	if got := T("Open {file}", "חשבונית.pdf"); got != "Open \u2068חשבונית.pdf\u2069" {
		t.Errorf("%q", got)
	}
	speak(t, Pseudo, `{"words": {"Open {file}": "{file} ⟦Öþéñ⟧"}}`)
	if got := T("Open {file}", "bill.pdf"); got != "\u2068bill.pdf\u2069 ⟦Öþéñ⟧" {
		t.Errorf("%q", got)
	}
}

// TestUnreadable: what is no catalogue changes nothing.
func TestUnreadable(t *testing.T) {
	speak(t, "de", german)
	for tag, text := range map[string]string{"fr": "<!doctype html>", "es": "", "fr-CA": "{}", "xx": german} {
		if Speak(tag, text) || T("Archive") != "Archivieren" || Current().Tag != "de" {
			t.Errorf("%s: %q is spoken", tag, text)
		}
	}
	if !Speak("en", "") || T("Archive") != "Archive" {
		t.Error("English needs no catalogue")
	}
}

func TestWanted(t *testing.T) {
	for choice, want := range map[string]string{"": "en", "de": "de", "DE": "de", "de-AT": "de", "den": "en", "ar": "en", "ar-XB": "ar-XB", "../de": "en"} {
		if got := Wanted(choice); got != want {
			t.Errorf("%q is %s", choice, got)
		}
	}
}

func TestNumbers(t *testing.T) {
	for octets, want := range map[int64]string{0: "0 B", 591: "591 B", 20_400: "20 KB", 999_499: "999 KB", 999_500: "1.0 MB", 5_240_000: "5.2 MB", 999_950_000: "1.0 GB"} {
		if got := Size(octets); got != want {
			t.Errorf("%d: %q", octets, got)
		}
	}
}

// TestPretend: nothing of the English can be read in it but what is filled in.
func TestPretend(t *testing.T) {
	got := Pretend("key|Move {what} to ABC xyz…")
	if !strings.Contains(got, "{what}") || strings.Contains(got, "|") {
		t.Error(got)
	}
	for _, r := range strings.ReplaceAll(got, "{what}", "") {
		if r < unicode.MaxASCII && unicode.IsLetter(r) {
			t.Errorf("%s has %c", got, r)
		}
	}
}
