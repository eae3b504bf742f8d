// Package draft is the art of writing mail: whom an answer goes to, what its
// subject and references are, how the original is quoted, what people mean by
// the addresses they type, and the email to create from it all.
//
// Pure functions over jmap.Email: no state, no I/O. Used by web/action, and by
// web/screen for the recipient fields. What comes in was written by strangers or
// pasted by people: nothing here fails on it, and everything is linear in its
// length.
package draft
