// Command hearthmail is the bridge between the Hearthmail app, or any other JMAP
// client, and people's mail servers.
//
// The rooms, and who may enter whom (shared/imports_test.go holds the table):
//
//	downstream  faces browsers: sign-in, session, WebSocket, event source, upload, download, the app's files
//	household   members, sealed accounts, device sessions
//	oauth       signs in to accounts with their provider instead of a password, and renews the tokens
//	roster      where members see to their accounts: BridgeAccount, kept in household, tried at the servers
//	account     one mail account at work: owner goroutine, spine, journal, listeners; the pool of running accounts
//	method      the JMAP methods, one file each
//	outbox      durable submissions
//	push        tells devices that sleep what changed (Web Push)
//	message     Internet messages to and from JMAP's words
//	filter      Sieve scripts: those the bridge writes, and how they go along with the person's own
//	upstream    what mail servers must be able to do; imapstore (through imapwire), pop3store (through pop3wire), smtpsend, sieve, memstore do it, signin knows how to sign in, dialer opens every connection
//	discover    from an address to servers
//	pictures    remote pictures of mails, for who asked to see them
//	database    opens the one SQLite file and brings its tables up to date
//	demo        a whole mail provider in the process
//
// A request flows downstream > account > method > account > upstream and its answer
// flows back; what changes on a mail server flows upstream > account > downstream
// as a state change, and nothing else flows back.
//
// Decisions:
//
// November 2026: method declares the interface it needs of an account, and account
// implements it: methods know JMAP's words, account knows ids, states and UIDs.
//
// November 2026: the room database was added to the plan: four rooms keep tables
// in one SQLite file, and each owns its own schema.
//
// November 2026: what a submission server refuses at the first attempt is answered
// as notCreated, with the server's words, while the draft is still where it was. What
// it puts off is created, filed in Sent, and brought back to Drafts if it fails
// for good.
//
// November 2026: imapwire is an IMAP client of our own, on the types of go-imap: its
// client needed a guard for every second answer, and knew neither QRESYNC, NOTIFY nor
// object ids.
//
// November 2026: an email can be in several mailboxes, though over IMAP a message is in
// one: what a member puts elsewhere too is copied, and both are one email (account/places.go).
//
// November 2026: of a POP3 account the bridge is the store: mail is downloaded into a folder
// of the account's own, with a database of its own, unencrypted as in any mail program
// (upstream/pop3store). Work of that kind is a BridgeTask: it has progress and can be cancelled.
//
// November 2026: what a member chose in the app is an object of the account they signed
// in with (BridgeSettings), so that it is pushed and kept as everything else is.
//
// November 2026: a member is an address together with the server that knows it (household):
// whoever brings a server of their own that accepts another's address is somebody else. An
// account that is added belongs to one member, even if another has the same; the journal of
// the member's own account tells what became of their accounts.
//
// December 2026: an account that is added can be signed in to with its provider (oauth). The
// one that a member signs in with cannot: its password opens the vault on a new device, and
// of tokens there is nothing that a new device knows.
package main
