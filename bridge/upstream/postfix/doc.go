// Package postfix starts a real Postfix for tests: on loopback ports of its own, with
// configuration, queue, mail and certificate in a temporary folder, gone when the test
// ends. Postfix cannot do without the rights of root; where the test has none, it is
// skipped.
//
// It takes mail from anybody on the loopback, for ada, grace and alan at hearth.test,
// and delivers it to Maildirs that the test can read. Other addresses of that domain
// are refused, and so are other domains.
package postfix
