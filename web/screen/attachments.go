package screen

import (
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/draft"
	"github.com/hearthmail/hearthmail/web/words"
)

const (
	// largestThumb is how large a picture is fetched unasked.
	largestThumb = 3 << 20
	// mostThumbs is how many of a message are.
	mostThumbs = 12
)

// attachments are what can be downloaded or looked at.
func (r *message) attachments(m *jmap.Email, known bool) app.UI {
	files := filesOf(m)
	if !known || len(files) == 0 {
		return app.Div().Hidden(true)
	}
	items := make([]app.UI, 0, len(files))
	thumbs := 0
	for i, part := range files {
		small := part.Size <= largestThumb && viewed(part) == viewPicture && thumbs < mostThumbs
		if small {
			thumbs++
		}
		items = append(items, r.attachment(i, part, small))
	}
	all := r.S.downloadAll(m.Id)
	var total int64
	for _, part := range files {
		total += part.Size
	}
	summary := words.N(len(files), "{n} attachment, {size}", "{n} attachments, {size}", words.Size(total))
	return app.Section().Class("files").Hidden(false).Aria("label", words.T("Files")).Body(
		app.Div().Class("files-head").Body(
			icon("paperclip"), app.Span().Text(summary),
			app.Button().Type("button").Class("quiet", "small").Hidden(len(files) < 2 || all == "").OnClick(r.saveAll).Text(words.T("Download all")),
		),
		app.Ul().Class("attachments").Aria("label", words.T("Attachments")).Body(items...),
	)
}

func (r *message) attachment(i int, part jmap.EmailBodyPart, small bool) app.UI {
	name := attachmentName(part)
	link := r.S.download(part.BlobId, part.Type, name)
	face := app.UI(app.Span().Class("file-face").Body(icon(fileIcon(part))))
	if small {
		face = app.Span().Class("file-face").Body(&picture{URL: link, ID: "thumb-" + string(part.BlobId), Most: largestThumb, Icon: fileIcon(part)})
	}
	about := app.Span().Class("file-about").Body(
		app.Bdi().Class("attachment-name").Text(name),
		app.Span().Class("attachment-size").Text(words.Size(part.Size)),
	)
	open := app.UI(app.Span().Class("file-open").Body(face, about))
	if viewed(part) != viewNothing {
		open = app.Button().Type("button").ID(viewID(part)).Class("file-open").Aria("label", words.T("View {file}", name)).Title(words.T("View {file}", name)).
			OnClick(func(app.Context, app.Event) { r.S.view(r.Id, i) }, r.Id, i).Body(face, about)
	}
	return app.Li().Class("attachment").Body(
		open,
		app.A().Class("icon-button").Href(link).Download(name).Aria("label", words.T("Download {file}", name)).Title(words.T("Download {file}", name)).Body(icon("download")),
	)
}

func viewID(part jmap.EmailBodyPart) string { return "view-" + string(part.BlobId) }

// filesOf are the attachments but for pictures that the HTML shows.
func filesOf(m *jmap.Email) []jmap.EmailBodyPart {
	shown := ""
	if draft.IsHTML(m) {
		shown = strings.ToLower(draft.HTML(m))
	}
	var out []jmap.EmailBodyPart
	for _, part := range m.Attachments {
		if part.Cid != "" && strings.HasPrefix(part.Type, "image/") && shows(shown, part.Cid) {
			continue
		}
		out = append(out, part)
	}
	return out
}

// shows reports whether HTML in lower case shows the part with a Content-Id.
func shows(html, cid string) bool {
	cid = strings.ToLower(cid)
	return strings.Contains(html, "cid:"+cid) || strings.Contains(html, "cid:"+strings.ToLower(url.PathEscape(cid)))
}

// downloadAll is where all attachments of a message are fetched from as one archive, ""
// at a server that makes none.
func (s *Screen) downloadAll(id jmap.Id) string {
	base, _, ok := strings.Cut(s.session.DownloadURL, "/jmap/download/")
	if _, ours := s.session.Capabilities[jmap.CapabilityBridge]; !ok || !ours {
		return ""
	}
	return base + "/jmap/download-all/" + url.PathEscape(string(s.account().Id())) + "/" + url.PathEscape(string(id))
}

func (r *message) saveAll(app.Context, app.Event) { browser.Save(r.S.downloadAll(r.Id), "") }

// What a file can be shown as.
const (
	viewNothing = iota
	viewPicture
	viewText
	viewPDF
)

// viewed is what a file can be shown as without running anything of it.
func viewed(part jmap.EmailBodyPart) int {
	switch part.Type {
	case "image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/avif", "image/bmp":
		return viewPicture
	case "application/json", "application/xml", "application/x-sh", "application/sql", "message/rfc822", "message/delivery-status":
		return viewText
	case "application/pdf", "application/x-pdf":
		return viewPDF
	}
	if strings.HasPrefix(part.Type, "text/") {
		return viewText
	}
	return viewNothing
}

func fileIcon(part jmap.EmailBodyPart) string {
	kind, _, _ := strings.Cut(part.Type, "/")
	switch {
	case kind == "image":
		return "image"
	case part.Type == "text/calendar":
		return "calendar"
	case part.Type == "text/vcard", part.Type == "text/x-vcard":
		return "contact"
	case kind == "text", part.Type == "application/pdf", strings.Contains(part.Type, "document"):
		return "file-text"
	case kind == "message":
		return "mail"
	case strings.Contains(part.Type, "zip"), strings.Contains(part.Type, "tar"), strings.Contains(part.Type, "compressed"):
		return "file-archive"
	}
	return "file"
}

// picture is a picture of a mail, drawn when it has come; before that, and if it is none,
// an icon stands there.
type picture struct {
	app.Compo

	URL, ID, Icon string
	Most          int
	Text          string // what stands for it

	shown string
	close func()
}

// OnMount fetches it.
func (p *picture) OnMount(app.Context) { p.show() }

// OnUpdate fetches another one.
func (p *picture) OnUpdate(app.Context) { p.show() }

// OnDismount lets go of it.
func (p *picture) OnDismount() {
	if p.close != nil {
		p.close()
		p.close, p.shown = nil, ""
	}
}

func (p *picture) show() {
	if p.shown != p.URL {
		p.OnDismount()
		p.shown, p.close = p.URL, browser.ShowPicture(p.ID, p.URL, p.Most)
	}
}

// Render draws its place.
func (p *picture) Render() app.UI {
	return app.Span().Class("picture").Body(app.Img().ID(p.ID).Alt(p.Text), icon(p.Icon))
}
