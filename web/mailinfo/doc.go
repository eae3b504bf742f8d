// Package mailinfo judges what a message says of itself: whether its sender was verified,
// what about the sender should make one look twice, whether a link leads where it says, and
// how its mailing list is left. web/screen tells people.
//
// All of it reads what strangers wrote: nothing here fetches, and what cannot be read
// counts as not said.
package mailinfo
