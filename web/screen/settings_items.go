package screen

func (s *Screen) settingsItems() []paletteItem { return nil }
