package downstream_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/downstream"
)

// TestPictures: only for who is signed in, only as a picture, and with the member's name.
func TestPictures(t *testing.T) {
	h := newHouse(t, func(c *downstream.Config) {
		c.Picture = func(_ context.Context, member, url string) (string, []byte, error) {
			if member != "ada@hearth.test" || url != "https://a.test/x.png" {
				return "", nil, errors.New("none")
			}
			return "image/png", []byte("png"), nil
		}
	})
	ask := map[string]string{"url": "https://a.test/x.png"}
	if got := h.browser().post("/pictures", ask); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("for a stranger: %s", got.Status)
	}
	b := h.signIn("ada@hearth.test")
	got := b.post("/pictures", ask)
	if got.StatusCode != http.StatusOK || got.text != "png" || got.Header.Get("Content-Type") != "image/png" ||
		!strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s %q %v", got.Status, got.text, got.Header)
	}
	if got := h.signIn("grace@hearth.test").post("/pictures", ask); got.StatusCode != http.StatusNotFound || strings.Contains(got.text, "a.test") {
		t.Errorf("%s %q", got.Status, got.text)
	}
	for _, body := range []any{map[string]string{}, "x", nil, map[string]string{"url": strings.Repeat("x", 20<<10)}} {
		if got := b.post("/pictures", body); got.StatusCode != http.StatusBadRequest {
			t.Errorf("%.20v: %s", body, got.Status)
		}
	}
	from := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if got := b.do("POST", "/pictures", strings.NewReader(`{"url":"https://a.test/x.png"}`), from); got.StatusCode != http.StatusForbidden {
		t.Errorf("for another site's page: %s", got.Status)
	}
}
