package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// until asks until the answer is yes: for what happens after a method has answered.
func until(t *testing.T, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !yes(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never happened")
		}
	}
}

// listen opens the event source and gives its lines; they end with the connection.
func (h *house) listen(t *testing.T, types, closeAfter, ping string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	address := h.fill(t, "eventSourceUrl", "{types}", types, "{closeafter}", closeAfter, "{ping}", ping)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(h.user, h.password)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := h.http.Do(req) // answers with its header before anything has happened
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(got, "text/event-stream") {
		t.Fatalf("%s %s", resp.Status, got)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer resp.Body.Close()
		for scanner := bufio.NewScanner(resp.Body); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		cancel()
		for range lines {
		}
	})
	return lines
}

// data is the next data of an event source.
func data(t *testing.T, lines <-chan string) obj {
	t.Helper()
	for line := range lines {
		if text, ok := strings.CutPrefix(line, "data:"); ok {
			var of obj
			if err := json.Unmarshal([]byte(text), &of); err != nil {
				t.Fatalf("%v in %q", err, text)
			}
			return of
		}
	}
	t.Fatal("it ended without a word")
	return nil
}

var eventSourceRules = []rule{
	{"RFC 8620 §7.3 it answers before anything happens", func(t *testing.T, h *house) { h.listen(t, "*", "no", "0") }},
	{"RFC 8620 §7.3 the first that is said is what changed", func(t *testing.T, h *house) {
		lines := h.listen(t, "*", "no", "0")
		h.write(t, h.mailboxes["inbox"], "Heard of", nil)
		for heard := false; !heard; { // of other things, perhaps, before
			change := data(t, lines)
			equal(t, "@type", dig(change, "@type"), "StateChange")
			heard = kind(dig(change, "changed", h.account, "Email")) == "string"
		}
	}},
	{"RFC 8620 §7.3 only these types", func(t *testing.T, h *house) {
		lines := h.listen(t, "EmailDelivery,Email", "no", "0")
		h.mailbox(t, obj{"name": "Not heard of", "parentId": nil})
		h.write(t, h.mailboxes["inbox"], "Heard of, too", nil)
		changed := dig(data(t, lines), "changed", h.account)
		text(t, changed, "Email")
		shaped(t, changed, "Mailbox missing, Thread missing")
	}},
	{"RFC 8620 §7.3 closeafter", func(t *testing.T, h *house) {
		lines := h.listen(t, "*", "state", "0")
		h.write(t, h.mailboxes["inbox"], "The last word", nil)
		data(t, lines)
		for line := range lines { // until the bridge ends it
			if strings.HasPrefix(line, "data:") {
				t.Errorf("more was said: %s", line)
			}
		}
	}},
	{"RFC 8620 §7.3 the states are those of the methods", func(t *testing.T, h *house) {
		lines := h.listen(t, "Email", "no", "0")
		set := h.write(t, h.mailboxes["inbox"], "Of this state", nil)
		for now := ""; now != text(t, set, "newState"); { // what came before may be told before
			now = text(t, data(t, lines), "changed", h.account, "Email")
		}
	}},
}
