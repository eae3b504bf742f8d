package screen

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

func (p *composer) over(on bool) {
	id := 0
	if on {
		id = p.C.Id
	}
	if p.S.composing.over != id {
		p.S.composing.over = id
		p.S.post(p.S.changed)
	}
}

func (p *composer) dropped(files []browser.File) { p.S.post(func() { p.attach(files) }) }

func (p *composer) attach(files []browser.File) {
	for _, f := range files {
		p.S.do.Attach(p.C, f.Name, f.Type, f.Size, f.Source)
	}
}

func (p *composer) pick(app.Context, app.Event)   { browser.Click(p.id("files")) }
func (p *composer) picked(app.Context, app.Event) { p.attach(browser.Picked(p.id("files"))) }

// listed are the files that are shown as such: pictures in the text are not.
func listed(c *store.Composer) []*store.Attachment {
	var out []*store.Attachment
	for _, at := range c.Attachments {
		if c.Plain || !at.Inline || at.Err != "" {
			out = append(out, at)
		}
	}
	return out
}

// largePicture is from how many octets a picture can be made smaller.
const largePicture = 400_000

// shrink puts a smaller picture in the place of one, if there is such.
func (p *composer) shrink(at *store.Attachment) {
	s, c := p.S, p.C
	go func() {
		small, ok := browser.Shrink(at.Source)
		s.post(func() {
			if at.Small = true; ok {
				s.do.Replace(c, at, small.Type, small.Size, small.Source)
			}
			s.store.ComposerChanged(c)
		})
	}()
}

func (p *composer) files() []app.UI {
	list := listed(p.C)
	out := make([]app.UI, 0, len(list))
	for n, at := range list {
		state := words.Size(at.Size)
		bar := app.Span().Class("bar").Hidden(true)
		switch {
		case at.Err != "":
			state = at.Err
		case !at.Ready():
			percent := 0
			if at.Size > 0 {
				percent = int(at.Sent * 100 / at.Size)
			}
			if state = words.T("{n} %", words.Number(percent)); at.Waiting {
				state = words.T("Waiting for the connection")
			}
			bar = app.Span().Class("bar").Hidden(false).Attr("role", "progressbar").Aria("label", words.T("Uploading {file}", at.Name)).
				Aria("valuenow", strconv.Itoa(percent)).Body(app.Span().Style("width", strconv.Itoa(percent)+"%"))
		}
		item := app.Li().Class("composer-file")
		if at.Err != "" {
			item = item.Class("failed")
		}
		shrinks := strings.HasPrefix(at.Type, "image/") && at.Type != "image/gif" && at.Size >= largePicture && at.Source != nil && !at.Small
		out = append(out, item.Body(
			icon("paperclip"), app.Bdi().Class("attachment-name").Text(at.Name), app.Span().Class("attachment-size").Text(state), bar,
			iconButton(words.T("Retry {file}", at.Name), "refresh-cw", func(app.Context, app.Event) { p.S.do.RetryUpload(p.C, at) }, n, at.Name, at.Size, p.C.Id).
				Hidden(at.Err == "" || at.Source == nil || p.S.do.TooLarge(at)),
			iconButton(words.T("Shrink {file}", at.Name), "image-down", func(app.Context, app.Event) { p.shrink(at) }, n, at.Name, at.Size, p.C.Id).Hidden(!shrinks),
			iconButton(words.T("Remove {file}", at.Name), "x", func(app.Context, app.Event) { p.S.do.Detach(p.C, at) }, n, at.Name, at.Size, p.C.Id),
		))
	}
	return out
}
