// Package oauth signs in to mail accounts without a password (OAuth 2.0, RFC 6749): where
// the provider wants it, the person agrees on the provider's own page, or with a code on
// another device, and the bridge gets tokens that open the account's mail and nothing else.
//
// Flows is what people are in the middle of; downstream leads them through it. What comes
// out is a household.Grant, sealed with the account as a password would be. Keeper gives the
// access tokens that the protocol rooms sign in with, and renews them: a new refresh token
// is kept before the access token that came with it is used, so that a power cut leaves one
// that works. A grant that was revoked is said once and not tried again.
package oauth
