// Package account keeps one mail account at work: it turns JMAP ids into what
// can be said to the mail server, remembers which messages each mailbox has (the
// spine) and what changed (the journal), and tells listeners.
//
// One goroutine owns the state of an account; everything else asks it (do). Calls
// to the mail server are made outside of it. What changes a mailbox, and what
// reads its spine, takes turns (Account.turn), so that a reading never undoes a
// change that was made while it was on its way.
//
// What is kept, in SQLite: mailboxes with their UID sets, aliases for what moved,
// the journal. What is not: message content. Rows that lists have shown are kept
// in memory.
package account
