package e2e

import (
	"time"

	"github.com/chromedp/cdproto/input"
)

// Touch puts a finger on the middle of something.
func (p *Page) Touch(role, name string) *Finger {
	p.t.Helper()
	x, y := p.middle(role, name)
	f := &Finger{p, x, y}
	f.send(input.DispatchTouchEventTypeTouchStart)
	return f
}

// Finger is a finger on the page.
type Finger struct {
	page *Page
	x, y float64
}

// Move moves it by so many pixels, step by step as fingers do.
func (f *Finger) Move(dx, dy float64) *Finger {
	f.page.t.Helper()
	const steps = 8
	for range steps {
		f.x, f.y = f.x+dx/steps, f.y+dy/steps
		f.send(input.DispatchTouchEventTypeTouchMove)
	}
	return f
}

// Hold leaves it where it is for a while.
func (f *Finger) Hold(d time.Duration) *Finger {
	time.Sleep(d)
	return f
}

// Lift takes it off.
func (f *Finger) Lift() {
	f.page.t.Helper()
	call(f.page, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}})
}

func (f *Finger) send(kind input.DispatchTouchEventType) {
	f.page.t.Helper()
	call(f.page, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{{X: f.x, Y: f.y}}})
}
