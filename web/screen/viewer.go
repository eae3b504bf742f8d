package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	// mostText is how much of a text file is shown.
	mostText = 1 << 20
	// mostPicture is how large a picture is shown.
	mostPicture = 40 << 20
)

// viewer shows the files of a message one after the other.
type viewer struct {
	email jmap.Id
	files []jmap.EmailBodyPart
	at    int
	text  string
	cut   bool
	done  bool
	err   error
}

// view opens the viewer at a file of a message.
func (s *Screen) view(id jmap.Id, at int) {
	m := s.emailOf(id)
	if m == nil {
		return
	}
	files := filesOf(m)
	if at >= len(files) {
		return
	}
	s.sheet.viewer = viewer{email: id, files: files}
	s.showSheet(menuViewer, viewID(files[at]))
	s.viewAt(at)
}

// viewNext goes to the next (1) or previous (-1) file.
func (s *Screen) viewNext(by int) {
	v := &s.sheet.viewer
	if at := v.at + by; at >= 0 && at < len(v.files) {
		s.viewAt(at)
	}
}

func (s *Screen) viewAt(at int) {
	v := &s.sheet.viewer
	v.at, v.text, v.cut, v.done, v.err = at, "", false, false, nil
	part := v.files[at]
	if viewed(part) == viewText {
		s.fetchText(s.download(part.BlobId, part.Type, "text"), part.Charset, mostText, func(text string, cut bool, err error) {
			if v := &s.sheet.viewer; v.at == at && len(v.files) > at && v.files[at].BlobId == part.BlobId {
				v.text, v.cut, v.err, v.done = text, cut, err, true
				s.changed()
			}
		})
	}
	s.changed()
}

func (d *dialogs) viewer() app.UI {
	v := d.S.sheet.viewer
	part := v.files[v.at]
	name := attachmentName(part)
	one := len(v.files) == 1
	tools := []app.UI{
		app.Span().Class("sheet-count").Hidden(one).Text(words.T("{done} of {all}", words.Number(v.at+1), words.Number(len(v.files)))),
		iconButton(words.T("Previous file"), "chevron-left", d.previous).Hidden(one).Disabled(v.at == 0),
		iconButton(words.T("Next file"), "chevron-right", d.next).Hidden(one).Disabled(v.at == len(v.files)-1),
		app.A().Class("icon-button").Href(d.S.download(part.BlobId, part.Type, name)).Download(name).Aria("label", words.T("Download {file}", name)).Title(words.T("Download {file}", name)).Body(icon("download")),
	}
	return d.sheetDialog("viewer", name, tools, d.file(v, part, name))
}

func (d *dialogs) previous(app.Context, app.Event) { d.S.viewNext(-1) }
func (d *dialogs) next(app.Context, app.Event)     { d.S.viewNext(1) }

// file is what of a file can be seen: text as text, pictures as pictures, the pages of a PDF
// as pictures of them.
func (d *dialogs) file(v viewer, part jmap.EmailBodyPart, name string) app.UI {
	switch viewed(part) {
	case viewPicture:
		return app.Div().Class("sheet-picture").Body(&picture{
			URL: d.S.download(part.BlobId, part.Type, name), ID: "viewer-picture", Most: mostPicture, Icon: "image", Text: name,
		})
	case viewPDF:
		return &pdfView{S: d.S, URL: d.S.download(part.BlobId, part.Type, name), Tongue: words.Current().Tag}
	case viewText:
		return app.Div().Class("sheet-scroll").TabIndex(0).Body(
			app.P().Class("hint").Hidden(v.done).Attr("role", "status").Text(words.T("Loading…")),
			app.P().Class("alert").Hidden(v.err == nil).Attr("role", "alert").Text(words.T("The file could not be loaded.")),
			app.Pre().Class("source").Dir("auto").Text(v.text),
			app.P().Class("hint").Hidden(!v.cut).Text(words.T("The rest is not shown. Download the file to see all.")),
		)
	}
	return app.Div().Class("note").Body(
		icon(fileIcon(part)), app.H2().Text(words.T("This file cannot be shown here")),
		app.P().Text(words.T("Download it to open it with a program of yours.")),
		app.Button().Type("button").Class("secondary").OnClick(d.saveViewed).Text(words.T("Download")),
	)
}

func (d *dialogs) saveViewed(app.Context, app.Event) {
	v := d.S.sheet.viewer
	part := v.files[v.at]
	browser.Save(d.S.download(part.BlobId, part.Type, attachmentName(part)), attachmentName(part))
}
