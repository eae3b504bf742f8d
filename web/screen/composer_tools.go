package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/words"
)

// format is a button of the formatting toolbar; its work is done where the editor is
// (toolbar.js), which also says in aria-pressed whether what is selected has it.
type format struct {
	id      string
	name    words.Text
	picture string
}

var (
	inlineFormats = []format{{"bold", words.Mark("Bold"), "bold"}, {"italic", words.Mark("Italic"), "italic"}, {"underline", words.Mark("Underline"), "underline"}, {"strike", words.Mark("Strikethrough"), "strikethrough"}}
	blockFormats  = []format{{"bullets", words.Mark("Bulleted list"), "list"}, {"numbers", words.Mark("Numbered list"), "list-ordered"}, {"quote", words.Mark("Quote"), "text-quote"}, {"code", words.Mark("Code"), "code"}}
)

// formatValue is one of the values of a format.
type formatValue struct {
	value string
	name  words.Text
}

// textSizes are what text can be made; the value is CSS.
var textSizes = []formatValue{{"0.8em", words.Mark("Small")}, {"", words.Mark("Normal")}, {"1.35em", words.Mark("Large")}, {"1.8em", words.Mark("Huge")}}

// inks are what can be written with; all can be read on white.
var inks = []formatValue{
	{"", words.Mark("As the reader has it")},
	{"#57534e", words.Mark("Grey")},
	{"#b42318", words.Mark("Red")},
	{"#c2410c", words.Mark("Orange")},
	{"#946200", words.Mark("Gold")},
	{"#2f7d4f", words.Mark("Green")},
	{"#1d6fa5", words.Mark("Blue")},
	{"#6d4fc2", words.Mark("Violet")},
}

func (p *composer) tools() app.UI { return formatTools(p.id("tools"), p.id("html")).Hidden(p.C.Plain) }

// formatTools is the toolbar of an editor: id is its own, field that of what is written in.
func formatTools(id, field string) app.HTMLDiv {
	toggle := func(f format) app.UI {
		return app.Button().Type("button").Class("tool").DataSet("format", f.id).Aria("label", f.name.String()).Title(f.name.String()).Aria("pressed", "false").Body(icon(f.picture))
	}
	do := func(f format) app.HTMLButton {
		return app.Button().Type("button").Class("tool").DataSet("format", f.id).Aria("label", f.name.String()).Title(f.name.String()).Body(icon(f.picture))
	}
	var row []app.UI
	for _, f := range inlineFormats {
		row = append(row, toggle(f))
	}
	var sizes []app.UI
	for _, o := range textSizes {
		sizes = append(sizes, app.Option().Value(o.value).Selected(o.value == "").Text(o.name.String()))
	}
	row = append(row,
		app.Select().Class("tool-size").Aria("label", words.T("Text size")).Body(sizes...),
		do(format{"colour", words.Mark("Text colour"), "baseline"}).Aria("expanded", "false"),
		app.Span().Class("tool-gap"),
	)
	for _, f := range blockFormats {
		row = append(row, toggle(f))
	}
	row = append(row,
		do(format{"link", words.Mark("Link"), "link"}).Aria("pressed", "false").Aria("expanded", "false"),
		app.Span().Class("tool-gap"),
		do(format{"clear", words.Mark("Clear formatting"), "remove-formatting"}),
		do(format{"undo", words.Mark("Undo"), "undo-2"}),
		do(format{"redo", words.Mark("Redo"), "redo-2"}),
	)
	var swatches []app.UI
	for _, o := range inks {
		swatches = append(swatches, app.Button().Type("button").Class("swatch").DataSet("format", "ink").DataSet("value", o.value).
			Aria("label", o.name.String()).Title(o.name.String()).Body(app.Span().Style("background", swatchColour(o.value))))
	}
	return app.Div().ID(id).Class("composer-tools").Body(
		app.Div().Class("tool-row").Attr("role", "toolbar").Aria("label", words.T("Formatting")).Aria("controls", field).Body(row...),
		app.Div().Class("tool-panel").DataSet("part", "colours").Attr("role", "group").Aria("label", words.T("Text colour")).Hidden(true).Body(swatches...),
		app.Div().Class("tool-panel").DataSet("part", "link").Attr("role", "group").Aria("label", words.T("Link")).Hidden(true).Body(
			app.Input().Type("url").Aria("label", words.T("Link address")).Placeholder("https://").AutoComplete(false).Spellcheck(false),
			app.Button().Type("button").Class("secondary", "small").DataSet("format", "setlink").Text(words.T("Set link")),
			app.Button().Type("button").Class("tool").DataSet("format", "unlink").Aria("label", words.T("Remove link")).Title(words.T("Remove link")).Body(icon("unlink")),
		),
	)
}

func swatchColour(value string) string {
	if value == "" {
		return "var(--text)"
	}
	return value
}
