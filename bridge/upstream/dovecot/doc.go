// Package dovecot starts a real Dovecot for tests: on loopback ports of its own,
// with configuration, mail and certificate in a temporary folder, gone when the
// test ends. It needs no rights: it runs as whoever runs the test, and when that
// is root, as nobody.
//
// Every user name is an account, empty but for its special-use mailboxes, with
// the one Password; so each test takes a name of its own and the server can be
// shared.
package dovecot
