package downstream_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestLanguage: the page comes in the language that was chosen in this browser, else in
// the best of those the browser asks for; and no cache mixes them up.
func TestLanguage(t *testing.T) {
	b := newHouse(t).browser()
	for _, c := range []struct{ accepts, chosen, want string }{
		{"", "", "en"},
		{"de", "", "de"},
		{"de-AT,de;q=0.9,en;q=0.8", "", "de"},
		{"DE-at", "", "de"},
		{"en-GB, de;q=0.9", "", "en"},
		{"de;q=0.4, en;q=0.5", "", "en"},
		{"nl, de;q=0.2, en;q=0.1", "", "de"},
		{"de;q=0", "", "en"},
		{"de;q=much", "", "en"},
		{"*", "", "en"},
		{"ar", "", "en"},
		{"ar-xb", "", "ar-XB"},
		{"en", "de", "de"},
		{"de", "en", "en"},
		{"de", "../../de", "de"},
		{"en", "*", "en"},
		{"den", "", "en"},
		{strings.Repeat("x,", 60) + "de", "", "en"},
		{"de" + strings.Repeat("-a", 1000), "", "en"},
		{"-,--,-de,;;,=", "-", "en"},
	} {
		resp := b.do("GET", "/", nil, func(r *http.Request) {
			r.Header.Set("Accept-Language", c.accepts)
			if c.chosen != "" {
				r.AddCookie(&http.Cookie{Name: "hearthmail-language", Value: c.chosen})
			}
		})
		page := map[string]string{"en": "<!doctype html>the app", "de": "<!doctype html>das Programm", "ar-XB": "<!doctype html>ⓟⓟⓐ"}[c.want]
		if resp.Header.Get("Content-Language") != c.want || resp.text != page {
			t.Errorf("%.40q chosen %q: %s %s", c.accepts, c.chosen, resp.Header.Get("Content-Language"), resp.text)
		}
		if vary := resp.Header.Get("Vary"); !strings.Contains(vary, "Accept-Language") || !strings.Contains(vary, "Cookie") {
			t.Errorf("Vary is %q", vary)
		}
	}
	english := b.get("/").Header.Get("ETag")
	german := b.do("GET", "/", nil, header("Accept-Language", "de"))
	if german.Header.Get("ETag") == english {
		t.Error("two languages have one ETag")
	}
	again := b.do("GET", "/", nil, func(r *http.Request) {
		r.Header.Set("Accept-Language", "de")
		r.Header.Set("If-None-Match", english)
	})
	if again.StatusCode != http.StatusOK {
		t.Errorf("a browser that has English and wants German: %s", again.Status)
	}
}
