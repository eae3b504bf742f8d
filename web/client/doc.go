// Package client keeps web/store and the bridge in step.
//
// It is level-triggered: what is missing is read off the store (a mailbox tree
// that is not known, a viewport with gaps, an open email without a body, a state
// older than the bridge's), so a lost answer needs no bookkeeping; after each
// answer and each reconnect the client looks again.
//
// Jobs that are wanted within one turn of the UI loop travel as one request
// (RFC 8620 §3.3). Requests are built at the moment they go out, from the store
// as it is then. Answers are decoded on the request's goroutine and applied on
// the UI loop, where all other code here runs. Only StateChanged and Connected
// may be called from other goroutines.
//
// What happens when an answer is lost:
//   - Gets and queries: asked again after the reconnect, as above.
//   - Email/set of keywords, mailboxIds and destroy: patches that do the same
//     when done twice, so they are sent again, in order. Of a destroyed email
//     that is notFound by then, nothing more is wanted.
//   - Creations (drafts, sending): never sent again blindly. An error that
//     reports NotSent() bool is believed: nothing left this device. Otherwise
//     the emails created since the state before are asked for, and a draft is
//     recognised by its Message-ID; only when it is not among them a draft is
//     saved again. A message is never sent again: what cannot be found out is
//     told to the person (Outcome.Unknown).
//   - Sets of an account travel one request at a time, so they arrive in order.
//
// While a set is under way, the news it causes waits for its answer (at most
// holdNews): else counts would be seen twice for a moment.
//
// A list is brought up to date by one query around its viewport, anchored at the
// first visible row; other stretches are forgotten and asked for when they come
// near again.
package client
