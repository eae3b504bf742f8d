package action

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/store"
)

// SaveTemplate keeps a text block in the place of another one, or with at < 0 as a new one.
// Without a name it is not kept: false.
func (x *Actions) SaveTemplate(at int, name, html string) bool {
	t := store.Template{Name: strings.Join(strings.Fields(name), " "), HTML: draft.CleanHTML(html)}
	if t.Name == "" {
		x.fail(textTemplateName.String())
		return false
	}
	list := slices.Clone(x.store.Settings().Templates())
	if at >= 0 && at < len(list) {
		list[at] = t
	} else {
		list = append(list, t)
	}
	x.Set(store.KeyTemplates, list)
	return true
}

// RemoveTemplate forgets a text block; Undo brings it back.
func (x *Actions) RemoveTemplate(at int) {
	before := x.store.Settings().Templates()
	if at < 0 || at >= len(before) {
		return
	}
	x.Set(store.KeyTemplates, slices.Delete(slices.Clone(before), at, at+1))
	x.store.Notify(store.Notice{Kind: store.Info, Text: textTemplateRemoved.String(), Undo: once(func() { x.Set(store.KeyTemplates, before) })})
}
