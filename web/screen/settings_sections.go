package screen

import (
	"runtime/debug"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

func (p *settingsPage) reading() []app.UI {
	lines := p.S.store.Settings().Int(settingLines, 1)
	return []app.UI{
		p.toggle(settingTalks, true, words.T("Show conversations"), words.T("Messages that answer one another are one line in the list.")),
		p.choice(settingRead, readNow, words.T("Mark messages as read"), "",
			option{readNow, words.T("When they are opened")}, option{readSoon, words.T("After 2 seconds")}, option{readNever, words.T("Never by themselves")}),
		p.choice(settingAfter, afterNext, words.T("After archiving or deleting, show"), "",
			option{afterNext, words.T("The next message")}, option{"list", words.T("The list")}),
		p.choose(settingLines, strconv.Itoa(lines), words.T("Preview in the list"), "", func(v string) {
			n, _ := strconv.Atoi(v) // it is one of those below
			p.S.do.Set(settingLines, n)
		}, option{"0", words.T("preview|None")}, option{"1", words.T("1 line")}, option{"2", words.T("2 lines")}),
		p.swipes(),
	}
}

func (p *settingsPage) composing() []app.UI {
	return []app.UI{
		p.undoSetting(),
		p.toggle(action.SettingPlain, false, words.T("Write messages as plain text"),
			words.T("Without formats and pictures in the text. Each message can be switched in its menu.")),
		p.templatesSetting(),
		p.peopleSetting(),
		app.Div().Class("setting").Body(
			app.Div().Class("setting-buttons").Body(
				app.Button().Type("button").Class("secondary").OnClick(func(app.Context, app.Event) { browser.HandleMailto("/compose?mailto=%s") }).
					Text(words.T("Open mail links in Hearthmail")),
			),
			app.P().Class("hint").Text(words.T("Links to mail addresses on other pages begin a message here. Your browser asks you first.")),
		),
	}
}

func (p *settingsPage) appearance() []app.UI {
	theme := p.S.store.Settings().String(settingTheme, "system")
	return []app.UI{
		p.language(),
		p.choose(settingTheme, theme, words.T("Theme"), "", func(v string) {
			if v == "system" {
				v = ""
			}
			p.S.setTheme(v)
		}, option{"system", words.T("As the system has it")}, option{"light", words.T("Light")}, option{"dark", words.T("Dark")}),
		p.choice(settingDensity, densityComfortable, words.T("Density"), "",
			option{densityComfortable, words.T("Comfortable")}, option{densityCompact, words.T("Compact")}),
	}
}

func (p *settingsPage) keyboard() []app.UI {
	return []app.UI{
		p.toggle(settingShortcuts, true, words.T("Use single keys as shortcuts"), words.T("Arrows, Enter, Escape and the command palette work in any case.")),
		keyList(),
	}
}

func (p *settingsPage) privacy() []app.UI {
	senders := slices.Clone(p.S.store.Settings().Strings(settingImageSenders))
	slices.Sort(senders)
	var list []app.UI
	for _, address := range senders {
		list = append(list, app.Li().Class("settings-line").Body(
			app.Span().Dir("auto").Text(address),
			iconButton(words.T("Remove {address}", address), "x", func(app.Context, app.Event) { p.forget(address) }, address),
		))
	}
	return []app.UI{
		p.choice(settingImages, imagesAsk, words.T("Remote images"),
			words.T("Images that are fetched from elsewhere can tell the sender that and when you read a message. They are loaded through your bridge, which does not say who you are."),
			option{imagesAsk, words.T("Ask each time")}, option{imagesAlways, words.T("Always load")}, option{imagesNever, words.T("Never load")}),
		p.choice(settingReceipts, receiptsAsk, words.T("Read receipts"),
			words.T("Some senders ask to know that you read their message. They never learn it by themselves."),
			option{receiptsAsk, words.T("Ask each time")}, option{receiptsNever, words.T("Never ask, and send none")}),
		app.Div().Class("setting").Body(
			app.H3().Text(words.T("Always loaded from")),
			app.P().Class("hint").Hidden(len(list) > 0).Text(words.T("Nobody yet. “Always load from” in a message adds its sender.")),
			app.Ul().Aria("label", words.T("Senders whose images are always loaded")).Hidden(len(list) == 0).Body(list...),
		),
	}
}

func (p *settingsPage) forget(address string) {
	left := slices.DeleteFunc(slices.Clone(p.S.store.Settings().Strings(settingImageSenders)), func(a string) bool { return a == address })
	if left == nil {
		left = []string{}
	}
	p.S.do.Set(settingImageSenders, left)
}

// licences is what Hearthmail is made with, and on what terms.
var licences = []struct{ what, terms string }{
	{"Go", "BSD 3-Clause"},
	{"go-app", "MIT"},
	{"DOMPurify", "Apache 2.0 or MPL 2.0"},
	{"Squire", "MIT"},
	{"PDF.js", "Apache 2.0"},
	{"Lucide", "ISC"},
	{"nhooyr.io/websocket", "ISC"},
	{"go-imap, go-sasl, go-message", "MIT"},
	{"modernc.org/sqlite", "BSD 3-Clause"},
	{"brotli", "MIT"},
	{"go-toml", "MIT"},
}

func (p *settingsPage) about() []app.UI {
	version := "development"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version = s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	var list []app.UI
	for _, l := range licences {
		list = append(list, app.Li().Class("settings-line").Body(app.Span().Text(l.what), app.Span().Class("hint").Text(l.terms)))
	}
	return []app.UI{
		app.P().Text(words.T("Hearthmail, version {version}.", version)),
		app.P().Text(words.T("Signed in as {address}.", p.S.session.Username)),
		app.Div().Class("setting").Body(app.H3().Text(words.T("Made with")), app.Ul().Aria("label", words.T("Licences")).Body(list...)),
	}
}
