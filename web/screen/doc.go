// Package screen is what people see: one file for each part of the screen. It is
// the only room that draws with go-app.
//
// Screen holds what is only about looking: where one is, what is selected, which
// menu is open. All else it reads from web/store and asks of web/action. Data goes
// one way: a handler calls an action or changes Screen, the store signals, and the
// root draws; each part has a Rev of what it draws from, and go-app leaves alone
// what has the Rev it had.
//
// Rules that go-app makes (each broken one was seen to fail):
//   - A handler is compared by its code pointer: those of list items get their
//     value by scope, from an attribute or the component's own fields, never by
//     closure.
//   - The diff is by position: what may come and go stands in a wrapper of its own
//     that stays, or at the end.
//   - Fields people type into are never given a value again: it is set once
//     through web/browser and read in the handler.
//   - Elements that others fill (the mail frame) have no go-app children.
//
// What costs time is to make elements and to take them away, five times as much as to
// change what they say: a row that is not known yet is the row, under bones. What changed
// is drawn before the browser's event is over (see draw.go), and scrolling draws the list
// alone.
package screen
