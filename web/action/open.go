package action

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// OpenMailbox makes what q names of a mailbox the list on screen. What is known of it is
// there at once, the rest follows.
func (x *Actions) OpenMailbox(a *store.Account, q store.Query) *store.List {
	l := a.List(q)
	x.client.Follow(l)
	return l
}

// Search makes what matches filter the list on screen; text is what the person
// typed (see web/search). Trash and Junk are left out unless everywhere is asked for
// or the filter names a mailbox.
func (x *Actions) Search(a *store.Account, text string, filter jmap.EmailFilter, everywhere bool) *store.List {
	q := store.Query{Text: text, Filter: &filter}
	if !everywhere {
		q.Filter = leaveOutTrash(a, filter)
	}
	l := a.List(q)
	x.client.Follow(l)
	return l
}

// OpenInboxes makes the inboxes of all accounts the list on screen.
func (x *Actions) OpenInboxes(q store.Query) *store.List {
	l := x.store.All().List(q)
	x.client.Follow(l)
	return l
}

// SearchAll is Search in all accounts; the words mean a filter for each.
func (x *Actions) SearchAll(text string, filters map[jmap.Id]jmap.EmailFilter, everywhere bool) *store.List {
	q := store.Query{Text: text, Filters: map[jmap.Id]*jmap.EmailFilter{}}
	for _, a := range x.store.Accounts() {
		filter, ok := filters[a.Id()]
		if !ok {
			continue
		}
		q.Filters[a.Id()] = &filter
		if !everywhere {
			q.Filters[a.Id()] = leaveOutTrash(a, filter)
		}
	}
	l := x.store.All().List(q)
	x.client.Follow(l)
	return l
}

func leaveOutTrash(a *store.Account, f jmap.EmailFilter) *jmap.EmailFilter {
	if namesMailbox(&f) {
		return &f
	}
	var out []jmap.Id
	for _, role := range []string{jmap.RoleTrash, jmap.RoleJunk} {
		if m := a.Role(role); m != nil {
			out = append(out, m.Id)
		}
	}
	switch {
	case out == nil:
		return &f
	case f.Operator == "" && f.InMailboxOtherThan == nil:
		f.InMailboxOtherThan = out
		return &f
	}
	return &jmap.EmailFilter{Operator: "AND", Conditions: []jmap.EmailFilter{f, {InMailboxOtherThan: out}}}
}

func namesMailbox(f *jmap.EmailFilter) bool {
	if f.InMailbox != "" {
		return true
	}
	for i := range f.Conditions {
		if namesMailbox(&f.Conditions[i]) {
			return true
		}
	}
	return false
}

// ShowWindow says that rows first to last of l are on screen; what is missing of
// them and near them is fetched. Cheap enough for every scroll event.
func (x *Actions) ShowWindow(l *store.List, first, last int) {
	l.SetViewport(first, last)
	x.client.Fill(l)
}

// Retry fetches again what l could not get.
func (x *Actions) Retry(l *store.List) { x.client.Follow(l) }

// Refresh asks the bridge for news of an account and of the list on screen.
func (x *Actions) Refresh(a *store.Account) {
	x.client.FetchNow(a)
	x.client.Refresh(a)
}

// StopTask cancels what the bridge does in the background.
func (x *Actions) StopTask(a *store.Account, id jmap.Id) { x.client.StopTask(a, id) }

// OpenEmails opens messages that are seen together; the bodies of those that are shown whole
// follow (Email.Body). It gives the unread ones of them: marked read in the same turn, that
// is the same request.
func (x *Actions) OpenEmails(a *store.Account, ids []jmap.Id, whole func(jmap.Id) bool) (unread []jmap.Id) {
	a.SetOpened(ids...)
	for _, id := range ids {
		if !whole(id) {
			continue
		}
		e := a.Email(id)
		if e == nil || e.Body() != store.BodyReady && e.Body() != store.BodyLoading {
			x.client.OpenEmail(a, id)
		}
		if e == nil || !e.Has(jmap.KeywordSeen) {
			unread = append(unread, id)
		}
	}
	return unread
}

// CloseEmail says that no message of the account is open any more.
func (x *Actions) CloseEmail(a *store.Account) { a.SetOpened() }

// FetchEmail fetches an email with its body.
func (x *Actions) FetchEmail(a *store.Account, id jmap.Id) { x.client.OpenEmail(a, id) }
