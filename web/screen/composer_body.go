package screen

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// writing is the body of a composer on screen: a rich text field, or a plain one.
type writing struct {
	of      *store.Composer // whose text stands in it, nil for nobody's
	plain   bool
	version int // Composer.Rewritten of what stands in it
	editor  *browser.Editor
}

// show has the body of c stand in the fields.
func (w *writing) show(p *composer) {
	c := p.C
	if w.of == c && w.plain == c.Plain && w.version == c.Rewritten {
		return
	}
	if w.of != c {
		w.leave()
	}
	w.of, w.plain, w.version = c, c.Plain, c.Rewritten
	switch {
	case c.Plain:
		browser.SetValue(p.id("text"), c.Text)
	case w.editor != nil:
		w.editor.Set(c.HTML)
	default:
		s := p.S
		editor := browser.OpenEditor(p.id("html"), p.id("tools"), c.HTML, s.pictures(c), browser.EditorEvents{
			Changed:  func() { s.post(func() { s.do.Edit(c, func(*store.Composer) {}) }) },
			Pictures: func(files []browser.File) { s.post(func() { w.pictures(s, c, files) }) },
		})
		w.editor, c.Editor, c.Insert = &editor, editor.HTML, editor.Insert
	}
}

// leave takes the text out of the fields.
func (w *writing) leave() {
	if w.editor != nil {
		w.of.Pull()
		w.of.Editor, w.of.Insert = nil, nil
		w.editor.Close()
	}
	*w = writing{}
}

// focus puts the caret where writing goes on.
func (w *writing) focus(p *composer) {
	if w.editor != nil && !w.plain {
		w.editor.Focus()
		return
	}
	browser.Focus(p.id("text"))
	browser.SetCaret(p.id("text"), 0)
}

// pictures puts pictures into the text, and uploads them.
func (w *writing) pictures(s *Screen, c *store.Composer, files []browser.File) {
	for _, f := range files {
		if w.of != c || w.editor == nil {
			return
		}
		if at := s.do.AttachPicture(c, f.Name, f.Type, f.Size, f.Source); at != nil {
			w.editor.Show(f, at.Cid)
		}
	}
}

// pictures are where those that the text of a composer may show are fetched from.
func (s *Screen) pictures(c *store.Composer) map[string]string {
	out := map[string]string{}
	for _, at := range c.Attachments {
		if at.Cid != "" && at.BlobId != "" && strings.HasPrefix(at.Type, "image/") {
			out[at.Cid] = s.downloadOf(c.AccountId, at.BlobId, at.Type, at.Name)
		}
	}
	return out
}

// body is the two fields; one is seen.
func (p *composer) body(busy bool) []app.UI {
	c := p.C
	return []app.UI{
		app.Div().ID(p.id("html")).Class("composer-html").Attr("role", "textbox").Aria("multiline", "true").Aria("label", words.T("Message body")).
			ContentEditable(!busy).Spellcheck(true).TabIndex(0).Dir("auto").Hidden(c.Plain),
		app.Textarea().ID(p.id("text")).Class("composer-text").Aria("label", words.T("Message body")).Dir("auto").Spellcheck(true).
			ReadOnly(busy).Hidden(!c.Plain).OnInput(p.text),
	}
}

func (p *composer) text(app.Context, app.Event) {
	p.S.do.Edit(p.C, func(c *store.Composer) { c.Text = browser.Value(p.id("text")) })
}

func (p *composer) togglePlain(app.Context, app.Event) {
	p.S.open = ""
	p.S.do.SetPlain(p.C, !p.C.Plain)
	p.S.changed()
	p.S.composing.focus = p.C.Id
}
