// Package gateway is the proof that the bridge is a JMAP server for anybody's
// client: its tests know it by its session URL, a name and a password only, speak
// HTTP Basic and POST, and read the answers as JSON, without our own types. Behind
// the bridge stand a real Dovecot and an SMTP server.
//
// One bridge, one account, filled once (seed_test.go); then the rules of RFC 8620
// and RFC 8621 one by one, each named by its section, in one file a method. What a
// rule changes it puts back.
package gateway
