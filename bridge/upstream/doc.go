// Package upstream says what the bridge needs of mail servers: a Store to read
// from, a Sender to send with, Scripts to filter with, and the errors they give. The
// rooms below it (imapstore, smtpsend, sieve, memstore) each provide one; storetest
// is the suite that every Store passes.
//
// The interface speaks of mailboxes by name and of messages by UID and
// UIDVALIDITY, because that is what can be said to a mail server without
// remembering anything. Ids, states and threads are the business of the room
// account.
package upstream
