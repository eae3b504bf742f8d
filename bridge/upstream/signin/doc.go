// Package signin is how the bridge tells a mail server who somebody is: which SASL
// mechanism is best of those that a server offers, and what is said in it.
//
// The protocol rooms use it, each with its own way of carrying the words (RFC 4954, 5034,
// 5804, 9051 §6.2.2).
package signin
