package screen

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// recipients is one of the fields To, Cc and Bcc: chips, and a field for the next.
type recipients struct {
	app.Compo

	S      *Screen
	C      *store.Composer
	Field  string // "to", "cc", "bcc"
	Name   string
	Tongue string // the language
	Rev    uint64
}

// list is the addresses of a field.
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
		chip := app.Span().Class("chip").Title(draft.FormatAddress(a))
		if !draft.ValidAddress(a.Email) {
			chip = chip.Class("invalid").Title(words.T("Not a valid address"))
		}
		chips = append(chips, chip.Body(
			app.Bdi().Text(a.DisplayName()),
			iconButton(words.T("Remove {person}", a.DisplayName()), "x", func(app.Context, app.Event) { r.remove(i) }, i, r.Field, r.C.Id).Class("chip-remove"),
		))
	}
	return app.Div().Class("recipients").Body(
		app.Label().For(id).Class("recipients-name").Text(r.Name),
		app.Div().Class("chips").Body(
			app.Div().Class("chip-list").Body(chips...),
			app.Input().ID(id).Type("text").Attr("role", "combobox").Aria("label", r.Name).Aria("expanded", "false").Aria("autocomplete", "list").
				AutoComplete(false).Spellcheck(false).Attr("autocapitalize", "none").Attr("inputmode", "email").
				ReadOnly(r.C.Status == store.Sending).OnKeyDown(r.key).OnInput(r.input).OnBlur(r.blur),
		),
	)
}

// remove takes a chip away.
func (r *recipients) remove(i int) {
	r.S.do.Edit(r.C, func(c *store.Composer) {
		list := addressList(&c.Email, r.Field)
		*list = slices.Delete(slices.Clone(*list), i, i+1)
	})
	browser.Focus(composerField(r.C, r.Field))
}

func (r *recipients) key(_ app.Context, e app.Event) {
	typed := browser.Value(composerField(r.C, r.Field))
	switch e.Get("key").String() {
	case "Enter", ",", ";":
		if e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() {
			return
		}
		// A comma within quotes belongs to the name.
		if strings.Count(typed, `"`)%2 == 0 {
			e.PreventDefault()
			r.S.commit(r.C, r.Field)
		}
	case "Backspace":
		if n := len(*addressList(&r.C.Email, r.Field)); typed == "" && n > 0 {
			e.PreventDefault()
			r.remove(n - 1)
		}
	}
}

// input: a pasted list becomes chips at once.
func (r *recipients) input(_ app.Context, e app.Event) {
	if e.Get("inputType").String() != "insertFromPaste" {
		return
	}
	if list, _ := draft.ParseAddresses(browser.Value(composerField(r.C, r.Field))); len(list) > 1 {
		r.S.commit(r.C, r.Field)
	}
}

func (r *recipients) blur(app.Context, app.Event) { r.S.commit(r.C, r.Field) }

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
	for _, field := range []string{"to", "cc", "bcc"} {
		s.commit(c, field)
	}
}
