// Package store is what the app knows: accounts, mailboxes, emails, lists of
// them, the connection, notices, messages being written, and the person's own
// changes that the bridge has not confirmed yet.
//
// It is passive. web/action writes what a person did, web/client writes what the
// bridge answered, web/screen reads. It never does I/O, holds no words for
// people (web/action has them) and imports only shared/jmap.
//
// Everything here belongs to one goroutine, the UI loop: no method may be called
// from another one.
//
// A record keeps what the bridge last said (confirmed) and what is drawn
// (shown): shown is always confirmed with the pending changes applied on top, in
// the order in which they were made. So an answer that arrives while a change is
// under way never flickers, and a refusal only has to drop the change.
package store
