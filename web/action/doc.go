// Package action is what a person can do: open, read, star, archive, move,
// search, write, send, undo.
//
// An action draws what it does in web/store at once, then asks the wire (the
// Client interface, which web/client implements) to do it. When the bridge
// refuses, the store goes back to what is true and a notice says why.
//
// Everything here is called on the UI loop and returns at once. The words that
// people get to read are in text.go and nowhere else.
package action
