package store

// Template is a text block with a name, kept with the member's settings.
type Template struct {
	Name string `json:"name"`
	HTML string `json:"html"`
}

// KeyTemplates is the setting that holds the templates.
const KeyTemplates = "templates"

// Templates are the text blocks of the member, in order.
func (s *Settings) Templates() []Template { return setting[[]Template](s, KeyTemplates, nil) }
