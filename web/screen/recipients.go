package screen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/mailinfo"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// recipients is one of the fields To, Cc and Bcc: chips, and a field for the next.
type recipients struct {
	app.Compo

	S     *Screen
	C     *store.Composer
	Field string // "to", "cc", "bcc"
	Name  string
	Rev   uint64

	Tongue string // the language it is drawn in

	found  []jmap.EmailAddress // suggestions for what is typed
	chosen int                 // the one that Enter takes, -1 for none
}

// addressFields are the fields, in the order in which they stand.
var addressFields = []string{"to", "cc", "bcc"}

// mostSuggestions is how many people are suggested at once.
const mostSuggestions = 6

// addressList is the addresses of a field.
func addressList(e *jmap.Email, field string) *[]jmap.EmailAddress {
	switch field {
	case "cc":
		return &e.Cc
	case "bcc":
		return &e.Bcc
	}
	return &e.To
}

// Render draws it.
func (r *recipients) Render() app.UI {
	id := composerField(r.C, r.Field)
	chips := make([]app.UI, 0, 4)
	for i, a := range *addressList(&r.C.Email, r.Field) {
		chips = append(chips, r.chip(i, a))
	}
	input := app.Input().ID(id).Type("text").Attr("role", "combobox").Aria("label", r.Name).Aria("expanded", yesNo(len(r.found) > 0)).Aria("autocomplete", "list").
		AutoComplete(false).Spellcheck(false).Attr("autocapitalize", "none").Attr("inputmode", "email").Aria("controls", id+"-list").
		ReadOnly(r.C.Status == store.Sending).OnKeyDown(r.key).OnInput(r.input).OnBlur(r.blur)
	if len(r.found) > 0 && r.chosen >= 0 {
		input = input.Aria("activedescendant", id+"-"+strconv.Itoa(r.chosen))
	}
	return app.Div().Class("recipients").DataSet("drop", "field/"+strconv.Itoa(r.C.Id)+"/"+r.Field).Body(
		app.Label().For(id).Class("recipients-name").Text(r.Name),
		app.Div().Class("chips").Body(app.Div().Class("chip-list").Body(chips...), input),
		r.suggestions(id),
	)
}

// chip is one recipient. Enter and a double click edit it; Alt with an arrow, or dragging
// it, moves it to another field.
func (r *recipients) chip(i int, a jmap.EmailAddress) app.UI {
	chip, title := app.Span().Class("chip"), draft.FormatAddress(a)
	_, host, _ := strings.Cut(a.Email, "@")
	switch {
	case !draft.ValidAddress(a.Email):
		chip, title = chip.Class("invalid"), words.T("Not a valid address")
	case mailinfo.Lookalike(host):
		chip, title = chip.Class("suspect"), words.T("This address is made to look like another one: {address}", a.Email)
	}
	return chip.Draggable(true).DataSet("drag", "chip/"+strconv.Itoa(r.C.Id)+"/"+r.Field+"/"+strconv.Itoa(i)).Body(
		app.Button().Type("button").ID(chipID(r.C, r.Field, i)).Class("chip-name").Title(title).OnDblClick(func(app.Context, app.Event) { r.edit(i) }, i, r.Field, r.C.Id).
			OnKeyDown(func(_ app.Context, e app.Event) { r.chipKey(i, e) }, i, r.Field, r.C.Id).Body(app.Bdi().Text(a.DisplayName())),
		iconButton(words.T("Remove {person}", a.DisplayName()), "x", func(app.Context, app.Event) { r.remove(i) }, i, r.Field, r.C.Id).Class("chip-remove"),
	)
}

func chipID(c *store.Composer, field string, i int) string {
	return composerField(c, field) + "-chip-" + strconv.Itoa(i)
}

// suggestions are the people whom what is typed may mean.
func (r *recipients) suggestions(id string) app.UI {
	box := app.Div().ID(id+"-list").Class("suggested").Attr("role", "listbox").Aria("label", words.T("Suggestions")).Hidden(len(r.found) == 0)
	items := make([]app.UI, 0, len(r.found))
	for i, p := range r.found {
		address := p.Email
		if p.DisplayName() == p.Email {
			address = ""
		}
		items = append(items, app.Div().ID(id+"-"+strconv.Itoa(i)).Class("suggested-person").Attr("role", "option").Aria("selected", yesNo(i == r.chosen)).
			OnMouseDown(func(_ app.Context, e app.Event) { e.PreventDefault(); r.take(i) }, i, p.Email).
			Body(app.Span().Class("avatar", "hue-"+hue(p.Email)).Aria("hidden", "true").Text(initials(p)), app.Bdi().Class("name").Text(p.DisplayName()), app.Bdi().Class("address").Text(address)))
	}
	return box.Body(items...)
}

// take makes a chip of a suggestion.
func (r *recipients) take(i int) {
	p := r.found[i]
	r.found = nil
	browser.SetValue(composerField(r.C, r.Field), "")
	r.S.do.Edit(r.C, func(c *store.Composer) {
		into := addressList(&c.Email, r.Field)
		*into = append(slices.Clone(*into), p)
	})
}

// suggest looks whom what is typed may mean.
func (r *recipients) suggest(typed string) {
	r.found, r.chosen = nil, 0
	if a := r.S.store.Account(r.C.AccountId); a != nil {
		r.found = a.Suggest(typed, mostSuggestions, func(email string) bool {
			e := &r.C.Email
			return slices.ContainsFunc(slices.Concat(e.To, e.Cc, e.Bcc), func(o jmap.EmailAddress) bool { return strings.EqualFold(o.Email, email) })
		})
	}
	if draft.ValidAddress(strings.TrimSpace(typed)) {
		r.chosen = -1 // it may be what is meant
	}
}

// cut takes a recipient out of a field.
func (s *Screen) cut(c *store.Composer, field string, i int) (cut jmap.EmailAddress, ok bool) {
	if list := *addressList(&c.Email, field); i < 0 || i >= len(list) {
		return cut, false
	}
	s.do.Edit(c, func(c *store.Composer) {
		list := addressList(&c.Email, field)
		cut, ok = (*list)[i], true
		*list = slices.Delete(slices.Clone(*list), i, i+1)
	})
	return cut, ok
}

// remove takes a chip away.
func (r *recipients) remove(i int) {
	r.S.cut(r.C, r.Field, i)
	browser.Focus(composerField(r.C, r.Field))
}

// edit makes what is typed of a chip.
func (r *recipients) edit(i int) {
	r.S.commit(r.C, r.Field)
	if a, ok := r.S.cut(r.C, r.Field, i); ok {
		browser.SetValue(composerField(r.C, r.Field), draft.FormatAddress(a))
		browser.Focus(composerField(r.C, r.Field))
	}
}

// moveChip brings a recipient from one field to another.
func (s *Screen) moveChip(c *store.Composer, from string, i int, to string) {
	if from == to {
		return
	}
	a, ok := s.cut(c, from, i)
	if !ok {
		return
	}
	s.composing.copies[c.Id] = true
	s.do.Edit(c, func(c *store.Composer) {
		into := addressList(&c.Email, to)
		*into = append(slices.Clone(*into), a)
	})
	s.changed()
	s.composing.chip = chipID(c, to, len(*addressList(&c.Email, to))-1)
}

// chipKey is a key pressed on a chip.
func (r *recipients) chipKey(i int, e app.Event) {
	at := slices.Index(addressFields, r.Field)
	switch key := e.Get("key").String(); {
	case key == "Enter" || key == "F2":
		r.edit(i)
	case key == "Delete" || key == "Backspace":
		r.remove(i)
	case key == "ArrowDown" && e.Get("altKey").Bool() && at < len(addressFields)-1:
		r.S.moveChip(r.C, r.Field, i, addressFields[at+1])
	case key == "ArrowUp" && e.Get("altKey").Bool() && at > 0:
		r.S.moveChip(r.C, r.Field, i, addressFields[at-1])
	case key == "ArrowLeft" && i > 0:
		browser.Focus(chipID(r.C, r.Field, i-1))
	case key == "ArrowRight" && i < len(*addressList(&r.C.Email, r.Field))-1:
		browser.Focus(chipID(r.C, r.Field, i+1))
	case key == "ArrowRight":
		browser.Focus(composerField(r.C, r.Field))
	default:
		return
	}
	e.PreventDefault()
}

func (r *recipients) key(_ app.Context, e app.Event) {
	typed := browser.Value(composerField(r.C, r.Field))
	last := len(*addressList(&r.C.Email, r.Field)) - 1
	switch key := e.Get("key").String(); key {
	case "ArrowDown", "ArrowUp":
		if n := len(r.found); n > 0 {
			by := map[string]int{"ArrowDown": 1, "ArrowUp": -1}[key]
			r.chosen = (max(r.chosen, -by) + by + n) % n
			e.PreventDefault()
		}
	case "Escape":
		if len(r.found) > 0 {
			r.found = nil
			e.PreventDefault()
			e.Call("stopPropagation")
		}
	case "Tab", "Enter":
		if e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() || key == "Tab" && typed == "" {
			return
		}
		if len(r.found) > 0 && r.chosen >= 0 && !e.Get("shiftKey").Bool() {
			e.PreventDefault()
			r.take(r.chosen)
			return
		}
		if key == "Enter" {
			e.PreventDefault()
			r.done()
		}
	case ",", ";":
		// A comma within quotes belongs to the name.
		if strings.Count(typed, `"`)%2 == 0 {
			e.PreventDefault()
			r.done()
		}
	case "Backspace":
		if typed == "" && last >= 0 {
			e.PreventDefault()
			r.remove(last)
		}
	case "ArrowLeft":
		if typed == "" && last >= 0 {
			browser.Focus(chipID(r.C, r.Field, last))
		}
	}
}

// input: a pasted list becomes chips at once.
func (r *recipients) input(_ app.Context, e app.Event) {
	typed := browser.Value(composerField(r.C, r.Field))
	if e.Get("inputType").String() == "insertFromPaste" {
		if list, _ := draft.ParseAddresses(typed); len(list) > 1 {
			r.done()
			return
		}
	}
	r.suggest(typed)
}

func (r *recipients) blur(app.Context, app.Event) { r.done() }

// done makes chips of what was typed.
func (r *recipients) done() {
	r.found = nil
	r.S.commit(r.C, r.Field)
}

// commit makes chips of what was typed. What is no address becomes one too, marked:
// nothing typed is lost, and nothing goes out with it.
func (s *Screen) commit(c *store.Composer, field string) {
	id := composerField(c, field)
	typed := strings.TrimSpace(browser.Value(id))
	if typed == "" {
		return
	}
	list, rest := draft.ParseAddresses(typed)
	for _, text := range rest {
		list = append(list, draft.Address("", text))
	}
	browser.SetValue(id, "")
	s.do.Edit(c, func(c *store.Composer) {
		into := addressList(&c.Email, field)
		*into = append(slices.Clone(*into), list...)
	})
}

// commitRecipients makes chips of all that was typed into a composer.
func (s *Screen) commitRecipients(c *store.Composer) {
	for _, field := range addressFields {
		s.commit(c, field)
	}
}
