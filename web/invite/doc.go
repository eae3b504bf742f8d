// Package invite reads the calendar invitations (RFC 5545) and contacts (RFC 6350, and
// vCard 2.1 and 3.0) that come with mail, as far as a person wants to see them. The screen
// uses it. All of it is written by strangers: everything is bounded, and what cannot be
// read is left out.
//
// Our own reader, for what calendar libraries bring along (time zones, all of the rules of
// recurrence) would weigh app.wasm down, and they fail a file for one bad line.
package invite
