// Package pop3wire is a POP3 client (RFC 1939, 2449, 2595, 5034, 3206, 6856): one
// connection, one command after the other or, where the server offers it, many at once.
// Of mailboxes and of what is kept it knows nothing: that is pop3store.
//
// November 2026: there was a client to be had, knadh/go-pop3. It knows neither STLS, AUTH,
// pipelining nor deadlines, holds whole messages in memory, and a line end in a user name
// runs commands. So this is our own. What it reads is hostile: lines, lists and messages
// are bounded, and what goes out is checked in one place, Conn.send.
package pop3wire
