// Package imapwire speaks IMAP (RFC 9051, 3501) to a server: it writes commands and
// reads responses, on the types of go-imap. imapstore is the one room that uses it.
//
// A Conn has no goroutine. Send writes a command, Wait reads responses until the
// command is answered; several may be sent before the first is waited for. What the
// server tells unasked in between goes to Conn.Told. Closing the Conn from another
// goroutine ends whatever waits.
//
// Commands are built of typed pieces (command.go): text from outside is an atom, a
// quoted string or a literal, or the command is refused before an octet of it is
// written. So one command is one command, whatever is in it.
//
// Responses are read as they come (reader.go), within limits on lines, nesting, numbers and
// octets. What is not known is skipped: responses, FETCH items, codes. What breaks
// the protocol ends the connection with ErrProtocol: nobody can tell any more where
// the next response begins, and mail could pass for one.
//
// November 2026: go-imap's own client was left. It gives up on responses it does not
// know, reads without limits, takes a change of flags for the answer to a FETCH, and
// knows no QRESYNC, NOTIFY, PREVIEW, OBJECTID or COMPRESS.
package imapwire
