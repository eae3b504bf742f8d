package gateway

import (
	"testing"
	"time"
)

var emailChangesRules = []rule{
	{"RFC 8621 §4.3 nothing", func(t *testing.T, h *house) {
		since := h.state(t, "Email")
		unchanged(t, h.call(t, "Email/changes", obj{"sinceState": since}), since)
	}},
	{"RFC 8621 §4.3 a keyword", func(t *testing.T, h *house) {
		since := h.state(t, "Email")
		h.patch(t, h.emails["plain"], obj{"keywords/$flagged": true})
		changes := h.call(t, "Email/changes", obj{"sinceState": since})
		equal(t, "updated", dig(changes, "updated"), []string{h.emails["plain"]})
		equal(t, "created", dig(changes, "created"), []any{})
		h.patch(t, h.emails["plain"], obj{"keywords/$flagged": nil})
	}},
	{"RFC 8620 §5.2 all members", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "Email/changes", obj{"sinceState": h.state(t, "Email")}), changesShape)
	}},
	{"RFC 8621 §4.3 created, then destroyed", func(t *testing.T, h *house) {
		since := h.state(t, "Email")
		set := h.write(t, h.mailboxes["inbox"], "Comes and goes", nil)
		id := text(t, set, "created", "e", "id")
		equal(t, "oldState", dig(set, "oldState"), since)
		equal(t, "created", dig(h.call(t, "Email/changes", obj{"sinceState": since}), "created"), []string{id})
		h.call(t, "Email/set", obj{"destroy": []string{id}})
		equal(t, "destroyed", dig(h.call(t, "Email/changes", obj{"sinceState": text(t, set, "newState")}), "destroyed"), []string{id})
	}},
	{"RFC 8620 §5.2 in steps", func(t *testing.T, h *house) {
		since := h.state(t, "Email")
		var made []string
		for _, subject := range []string{"One", "Two", "Three"} {
			made = append(made, text(t, h.write(t, h.mailboxes["A2"], subject, nil), "created", "e", "id"))
		}
		var seen []any
		for more, steps := true, 0; more; steps++ {
			changes := h.call(t, "Email/changes", obj{"sinceState": since, "maxChanges": 1})
			created := list(t, changes, "created")
			if len(created) > 1 || steps > 3 {
				t.Fatalf("step %d: %s", steps, show(changes))
			}
			seen = append(seen, created...)
			since = text(t, changes, "newState")
			more = dig(changes, "hasMoreChanges") == true
		}
		includes(t, "created", seen, made...)
		equal(t, "the last state", h.state(t, "Email"), since)
	}},
	{"RFC 8620 §5.1 states stay where the last change put them", func(t *testing.T, h *house) {
		set := h.write(t, h.mailboxes["inbox"], "Of many states", nil)
		id := text(t, set, "created", "e", "id")
		for _, patch := range []obj{{"keywords/$seen": true}, {"keywords/of_ones_own": true}, {"mailboxIds": obj{h.mailboxes["A2"]: true}}} {
			set = h.call(t, "Email/set", obj{"update": obj{id: patch}})
			then := map[string]string{"Email": text(t, set, "newState"), "Mailbox": h.state(t, "Mailbox"), "Thread": h.state(t, "Thread")}
			time.Sleep(50 * time.Millisecond) // the mail server tells of what was changed
			for name, state := range then {
				equal(t, name+" after "+show(patch), h.state(t, name), state)
			}
		}
	}},
	{"RFC 8620 §5.2 an unknown state", func(t *testing.T, h *house) {
		equal(t, "type", h.refused(t, "Email/changes", obj{"sinceState": "never-was"}), "cannotCalculateChanges")
	}},
}

// patch updates one email, which must succeed.
func (h *house) patch(t *testing.T, id string, patch obj) {
	t.Helper()
	set := h.call(t, "Email/set", obj{"update": obj{id: patch}})
	if _, ok := dig(set, "updated", id).(missing); ok {
		t.Errorf("not updated: %s", show(set))
	}
}
