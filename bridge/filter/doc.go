// Package filter writes Sieve scripts (RFC 5228) and reads those of others, as far as
// the bridge must: it keeps an automatic reply in a script of its own, and adds a line
// that includes it (RFC 6609) to the script the person, or another program, wrote.
//
// What a person types reaches a script through the types of write.go alone, which
// quote it; what is read is taken apart by scan.go, never by searching in the text.
// It only makes and reads texts: the room account brings them to the server.
package filter
