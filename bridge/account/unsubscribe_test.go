package account

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/method"
)

// TestUnsubscribe: one POST, and nothing follows from the answer.
func TestUnsubscribe(t *testing.T) {
	var asked []string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, strings.Join([]string{r.Method, r.URL.Path, string(body), r.Header.Get("Content-Type"), r.Header.Get("Cookie")}, " "))
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/ok", http.StatusTemporaryRedirect)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer s.Close()
	a := &Account{cfg: Config{Web: s.Client()}}
	for path, refused := range map[string]int{"/ok": 0, "/moved": 307, "/gone": 410} {
		asked = nil
		err := a.Unsubscribe(t.Context(), s.URL+path)
		var r *method.RefusedError
		if (err == nil) != (refused == 0) || err != nil && (!errors.As(err, &r) || r.Status != refused) {
			t.Errorf("%s: %v", path, err)
		}
		if want := "POST " + path + " List-Unsubscribe=One-Click application/x-www-form-urlencoded "; len(asked) != 1 || asked[0] != want {
			t.Errorf("%s asked %q", path, asked)
		}
	}
	s.Close()
	if err := a.Unsubscribe(t.Context(), s.URL+"/secret"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	if err := (&Account{}).Unsubscribe(t.Context(), s.URL); err == nil {
		t.Error("there is no way to the web")
	}
}
