package storetest

import (
	"errors"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var mailboxTests = []test{
	{"INBOX comes first and has its role", func(e *env) {
		all, err := e.Store.Mailboxes(e.Context())
		e.must(err)
		if len(all) == 0 || all[0].Name != "INBOX" || all[0].Role != jmap.RoleInbox || !all[0].Selectable {
			e.Fatalf("%+v", all)
		}
		names, roles := map[string]bool{}, map[string]bool{}
		for _, m := range all {
			if names[m.Name] || m.Role != "" && roles[m.Role] {
				e.Errorf("a name or role twice: %+v", all)
			}
			names[m.Name], roles[m.Role] = true, true
		}
	}},
	{"a mailbox can be made, whatever its name", func(e *env) {
		names := []string{"Reisen & Café ✈", `50% "off"`, "&-"}
		if d := e.delimiter(); d != "" {
			names = append(names, "Travel", "Travel"+d+"Lisbon")
		}
		for _, name := range names {
			e.must(e.Store.CreateMailbox(e.Context(), name, ""))
			if m := e.listed(name); m == nil || !m.Selectable || !m.Subscribed || m.Role != "" {
				e.Errorf("%q is listed as %+v", name, m)
			}
			uid := e.put(name, letter("hello"))
			e.has(name, uid)
			e.row(e.ref(name), uid)
		}
	}},
	{"a mailbox can be made for a role", func(e *env) {
		e.must(e.Store.CreateMailbox(e.Context(), "Kept", jmap.RoleArchive))
		if e.listed("Kept") == nil {
			e.Error("it is not listed")
		}
	}},
	{"a mailbox is not made twice", func(e *env) {
		e.must(e.Store.CreateMailbox(e.Context(), "Once", ""))
		if e.Store.CreateMailbox(e.Context(), "Once", "") == nil {
			e.Error("it was")
		}
		e.sync("Once")
	}},
	{"a mailbox gets another name, with what is in it and below it", func(e *env) {
		d := e.delimiter()
		e.must(e.Store.CreateMailbox(e.Context(), "Before", ""))
		uid := e.put("Before", letter("kept"))
		ref := e.ref("Before")
		e.must(e.Store.RenameMailbox(e.Context(), "Before", "After & über"))
		if e.listed("Before") != nil || e.listed("After & über") == nil || !e.listed("After & über").Subscribed {
			e.Errorf("before %+v, after %+v", e.listed("Before"), e.listed("After & über"))
		}
		e.has("After & über", uid)
		if now := e.ref("After & über"); now.UIDValidity != ref.UIDValidity {
			e.Errorf("UIDVALIDITY was %d and is %d", ref.UIDValidity, now.UIDValidity)
		}
		if d != "" {
			e.must(e.Store.CreateMailbox(e.Context(), "After & über"+d+"child", ""))
			e.must(e.Store.RenameMailbox(e.Context(), "After & über", "Last"))
			if e.listed("Last"+d+"child") == nil {
				e.Error("what was below it did not come along")
			} else if !e.listed("Last" + d + "child").Subscribed {
				e.Error("what was below it is not subscribed any more")
			}
		}
		e.must(e.Store.CreateMailbox(e.Context(), "Other", ""))
		if e.Store.RenameMailbox(e.Context(), "Other", "Last") == nil {
			e.Error("two have one name")
		}
		if err := e.Store.RenameMailbox(e.Context(), "Nowhere", "Somewhere"); !errors.Is(err, upstream.ErrNoMailbox) {
			e.Errorf("renaming nothing: %v", err)
		}
	}},
	{"a mailbox is deleted with what is in it, and nothing else", func(e *env) {
		e.must(e.Store.CreateMailbox(e.Context(), "Doomed", ""))
		e.put("Doomed", letter("gone"))
		kept := e.put("INBOX", letter("kept"))
		e.sync("Doomed") // it is selected somewhere
		e.must(e.Store.DeleteMailbox(e.Context(), "Doomed"))
		if e.listed("Doomed") != nil {
			e.Error("it is still listed")
		}
		e.has("INBOX", kept)
		if err := e.Store.DeleteMailbox(e.Context(), "Doomed"); !errors.Is(err, upstream.ErrNoMailbox) {
			e.Errorf("deleting nothing: %v", err)
		}
		if e.Store.DeleteMailbox(e.Context(), "INBOX") == nil {
			e.Error("INBOX is gone")
		}
	}},
	{"subscriptions come and go", func(e *env) {
		e.must(e.Store.CreateMailbox(e.Context(), "Aside", ""))
		for _, on := range []bool{false, true} {
			e.must(e.Store.Subscribe(e.Context(), "Aside", on))
			m := e.listed("Aside")
			if m != nil && m.Subscribed && !on {
				e.Skip("the server does not tell (RFC 5258)")
			}
			if m == nil || m.Subscribed != on {
				e.Errorf("subscribed %v: %+v", on, m)
			}
		}
	}},
	{"counts count", func(e *env) {
		archive := e.archive()
		e.put("INBOX", letter("one"))
		e.put("INBOX", letter("two"), jmap.KeywordSeen)
		last := e.put("INBOX", letter("three"), jmap.KeywordFlagged)
		kept := e.put(archive, letter("four"), jmap.KeywordSeen)
		all, err := e.Store.Statuses(e.Context())
		e.must(err)
		for name, want := range map[string]upstream.Status{
			"INBOX": {Messages: 3, Unseen: 2, UIDNext: last + 1, UIDValidity: e.ref("INBOX").UIDValidity},
			archive: {Messages: 1, Unseen: 0, UIDNext: kept + 1, UIDValidity: e.ref(archive).UIDValidity},
		} {
			one, err := e.Store.Status(e.Context(), name)
			e.must(err)
			for _, got := range []upstream.Status{all[name], one} {
				got.HighestModSeq = 0
				if got != want {
					e.Errorf("%s: %+v, not %+v", name, got, want)
				}
			}
		}
		mailboxes, err := e.Store.Mailboxes(e.Context())
		e.must(err)
		for _, m := range mailboxes {
			if _, ok := all[m.Name]; ok != m.Selectable {
				e.Errorf("%q: counted %v, selectable %v", m.Name, ok, m.Selectable)
			}
		}
	}},
	{"a mailbox that is not there is ErrNoMailbox", func(e *env) {
		nowhere := upstream.MailboxRef{Name: "Nowhere", UIDValidity: 1}
		uid := e.put("INBOX", letter("stays"))
		inbox := e.ref("INBOX")
		errs := map[string]error{}
		_, errs["Status"] = e.Store.Status(e.Context(), "Nowhere")
		_, errs["Sync"] = e.Store.Sync(e.Context(), "Nowhere", upstream.Known{})
		_, errs["Rows"] = e.Store.Rows(e.Context(), nowhere, []uint32{1})
		_, errs["Read"] = e.Store.Read(e.Context(), nowhere, 1, []upstream.Section{{}})
		_, errs["Search"] = e.Store.Search(e.Context(), nowhere, &jmap.EmailFilter{Subject: "x"}, 0)
		_, errs["SetKeywords"] = e.Store.SetKeywords(e.Context(), nowhere, []uint32{1}, []string{jmap.KeywordSeen}, nil)
		_, errs["Move"] = e.Store.Move(e.Context(), inbox, []uint32{uid}, "Nowhere")
		_, errs["Copy"] = e.Store.Copy(e.Context(), inbox, []uint32{uid}, "Nowhere")
		_, _, errs["Append"] = e.Store.Append(e.Context(), "Nowhere", filing(letter("lost")))
		big := append(letter("lost"), make([]byte, 100<<10)...) // more than goes without asking
		_, _, errs["Append of more"] = e.Store.Append(e.Context(), "Nowhere", filing(big))
		errs["Expunge"] = e.Store.Expunge(e.Context(), nowhere, []uint32{1})
		for what, err := range errs {
			if !errors.Is(err, upstream.ErrNoMailbox) {
				e.Errorf("%s: %v", what, err)
			}
		}
		e.has("INBOX", uid) // and the Store works as before
	}},
}

func (e *env) listed(name string) *upstream.Mailbox {
	e.Helper()
	all, err := e.Store.Mailboxes(e.Context())
	e.must(err)
	for _, m := range all {
		if m.Name == name {
			return &m
		}
	}
	return nil
}
