package screen

import (
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// themes are the looks to choose from; the value is what browser.SetTheme takes.
var themes = []struct {
	name           words.Text
	value, picture string
}{
	{words.Mark("System"), "", "refresh-cw"}, {words.Mark("Light"), "light", "sun"}, {words.Mark("Dark"), "dark", "moon"},
}

// setTheme chooses a theme. This device remembers it too: the page shows it before
// anything else is known.
func (s *Screen) setTheme(value string) {
	browser.SetTheme(value)
	if value == "" {
		value = "system"
	}
	s.do.Set(settingTheme, value)
	s.changed()
}

// applyTheme makes the page look as was chosen, on whichever device.
func (s *Screen) applyTheme() {
	switch theme := s.store.Settings().String(settingTheme, ""); theme {
	case "light", "dark":
		browser.SetTheme(theme)
	case "system":
		browser.SetTheme("")
	}
}
