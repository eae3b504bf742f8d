// Package push tells devices that sleep what changed: Web Push (RFC 8030), asked for by
// PushSubscription/set (RFC 8620 §7.2).
//
// A subscription belongs to the one thing its client signed in with, a device session or
// an address and its password, and nobody else sees it. It is told nothing but a code
// until its client has sent the code back. It ends with its session, at its time, or when
// the push service no longer knows it. What is pushed says only which types changed, and
// is encrypted for the device where it gave keys (RFC 8291). Every push is signed with
// the bridge's own key (VAPID, RFC 8292, 9749), which lies in the data folder.
//
// Changes are only known of accounts that run. An account runs because a device of its
// member has used it, and as long as a subscription listens to it; after a restart of the
// bridge nothing is pushed to a member until one of their devices comes by, because until
// then nobody can open their accounts.
//
// The URLs come from clients: they are https, and the HTTP client must be one of the room
// dialer, which reaches public addresses only. Redirects are not followed.
//
// Decisions:
//
// November 2026: encryption and signing are our own, 130 lines on crypto/ecdh, crypto/hkdf
// and crypto/ecdsa, held to the test vectors of RFC 8291. The library there is
// (SherClockHolmes/webpush-go 1.4.0, MIT, of January 2025, 400 lines) brings a JWT library
// with it, and the hard part, where a push may go and how often, would be ours anyway.
package push
