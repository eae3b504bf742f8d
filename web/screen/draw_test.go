package screen

import (
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// counted counts how often it is drawn.
type counted struct {
	app.Compo

	drawn int
}

// Render counts.
func (c *counted) Render() app.UI {
	c.drawn++
	return app.Div()
}

// However much a turn of the loop changes is drawn once.
func TestDrawnOnceATurn(t *testing.T) {
	c := new(counted)
	loop := app.NewClientTester(c)
	defer loop.Close()
	s := &Screen{pencil: pencil{disp: loop, window: c}}
	before := c.drawn
	for range 3 {
		c.Update()
		s.changed()
	}
	loop.Consume()
	if got := c.drawn - before; got != 1 || s.pencil.waits {
		t.Errorf("three changes were drawn %d times; one waits still: %v", got, s.pencil.waits)
	}
}
