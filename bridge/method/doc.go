// Package method is the JMAP methods (RFC 8620, 8621), one file each, and what all
// of them share: taking a request apart, result references and creation ids, the
// shapes of get, set, query and changes. process.go has the table of all methods.
//
// It knows JMAP's words and nothing of IMAP: what it needs of an account is the
// interface Account, which the room account implements. Errors become answers in one
// place, process.go: a *jmap.MethodError or *jmap.SetError is for the client as it
// is, an upstream error is translated, anything else is serverFail and goes to the
// log.
package method
