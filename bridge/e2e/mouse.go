package e2e

import (
	"github.com/chromedp/cdproto/input"
)

// Drag takes hold of the middle of something with the mouse, moves it by so many pixels,
// step by step, and lets go.
func (p *Page) Drag(role, name string, dx, dy float64) {
	p.t.Helper()
	x, y := p.middle(role, name)
	p.mouse(input.DispatchMouseEventTypeMousePressed, x, y, 1)
	const steps = 8
	for range steps {
		x, y = x+dx/steps, y+dy/steps
		p.mouse(input.DispatchMouseEventTypeMouseMoved, x, y, 0)
	}
	p.mouse(input.DispatchMouseEventTypeMouseReleased, x, y, 1)
}

// DoubleClick clicks twice in the middle of it.
func (p *Page) DoubleClick(role, name string) {
	p.t.Helper()
	x, y := p.middle(role, name)
	for n := range int64(2) {
		p.mouse(input.DispatchMouseEventTypeMousePressed, x, y, n+1)
		p.mouse(input.DispatchMouseEventTypeMouseReleased, x, y, n+1)
	}
}

func (p *Page) mouse(kind input.DispatchMouseEventType, x, y float64, clicks int64) {
	p.t.Helper()
	call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: clicks})
}
