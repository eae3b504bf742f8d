package gateway

import "testing"

func (h *house) identity(t *testing.T) string {
	t.Helper()
	return text(t, h.call(t, "Identity/get", obj{"ids": nil}), "list", 0, "id")
}

// kept is a rule of a property of an identity: it can be changed, and back.
func kept(property string, value any) func(*testing.T, *house) {
	return func(t *testing.T, h *house) {
		id := h.identity(t)
		before := dig(h.get(t, "Identity", id, nil), property)
		for _, v := range []any{value, before} {
			set := h.call(t, "Identity/set", obj{"update": obj{id: obj{property: v}}})
			equal(t, "updated", kind(dig(set, "updated")), "object")
			equal(t, property, dig(h.get(t, "Identity", id, nil), property), v)
		}
	}
}

var identityRules = []rule{
	{"RFC 8621 §6.1 all", func(t *testing.T, h *house) {
		got := h.call(t, "Identity/get", obj{"ids": nil})
		shaped(t, got, "accountId string, state string, list array, notFound array")
		h.identity(t)
	}},
	{"RFC 8621 §6 properties", func(t *testing.T, h *house) {
		shaped(t, h.get(t, "Identity", h.identity(t), nil), "id string, name string, email string, textSignature string, htmlSignature string, mayDelete bool, replyTo null|array, bcc null|array")
	}},
	{"RFC 8620 §5.1 by id", func(t *testing.T, h *house) {
		equal(t, "id", dig(h.get(t, "Identity", h.identity(t), nil), "id"), h.identity(t))
	}},
	{"RFC 8620 §5.1 what is not there", func(t *testing.T, h *house) {
		equal(t, "notFound", dig(h.call(t, "Identity/get", obj{"ids": []string{nobody}}), "notFound"), []string{nobody})
	}},
	{"RFC 8621 §6 the person's address", func(t *testing.T, h *house) {
		equal(t, "email", dig(h.get(t, "Identity", h.identity(t), nil), "email"), h.user)
	}},
	{"RFC 8621 §6.2 nothing changed", func(t *testing.T, h *house) {
		since := h.state(t, "Identity")
		unchanged(t, h.call(t, "Identity/changes", obj{"sinceState": since}), since)
	}},
	{"RFC 8621 §6.2 updated", func(t *testing.T, h *house) {
		since, id := h.state(t, "Identity"), h.identity(t)
		name := dig(h.get(t, "Identity", id, nil), "name")
		h.call(t, "Identity/set", obj{"update": obj{id: obj{"name": "Of another name"}}})
		includes(t, "updated", dig(h.call(t, "Identity/changes", obj{"sinceState": since}), "updated"), id)
		h.call(t, "Identity/set", obj{"update": obj{id: obj{"name": name}}})
	}},
	{"RFC 8620 §5.2 all members", func(t *testing.T, h *house) {
		shaped(t, h.call(t, "Identity/changes", obj{"sinceState": h.state(t, "Identity")}), changesShape)
	}},
	{"RFC 8621 §6.3 name", kept("name", "Ada Lovelace")},
	{"RFC 8621 §6.3 textSignature", kept("textSignature", "-- \nAda, by the fire")},
	{"RFC 8621 §6.3 htmlSignature", kept("htmlSignature", "<p>Ada, <b>by the fire</b></p>")},
	{"RFC 8621 §6.3 replyTo", func(t *testing.T, h *house) {
		id := h.identity(t)
		for _, to := range []any{[]obj{{"name": "Replies", "email": "reply@hearth.test"}}, nil} {
			h.call(t, "Identity/set", obj{"update": obj{id: obj{"replyTo": to}}})
			equal(t, "replyTo", dig(h.get(t, "Identity", id, nil), "replyTo"), to)
		}
	}},
	{"RFC 8620 §5.3 what is not there", func(t *testing.T, h *house) {
		set := h.call(t, "Identity/set", obj{"update": obj{nobody: obj{"name": "x"}}})
		equal(t, "type", dig(set, "notUpdated", nobody, "type"), "notFound")
	}},
}
