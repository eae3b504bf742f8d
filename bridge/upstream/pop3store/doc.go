// Package pop3store is an upstream.Store in which the bridge itself keeps the mail: what
// POP3 gives is downloaded, and mailboxes, keywords, search and all else are here.
//
// An account has a folder: a database of its own, and below mail/ a file a message (copies
// share one). Neither is encrypted: whoever can read the bridge's data can read this mail,
// as with any mail program. Passwords are not in it. Only the bridge's user may read the
// folder, and removing it removes all that was kept.
//
// A message counts as kept when its file and the file's folder are on the disk for good and
// its row is committed; only then may it be deleted from the server (rule.go). Which
// message of the server is which, however badly the server names them, is for compare.go.
//
// UIDs of INBOX are given out in the server's order when the maildrop is listed, before
// anything is downloaded: so the newest messages can come first and still have the highest
// UIDs. Listings that are not done yet are kept, for the next session.
//
// November 2026: a database for each account, not the bridge's one: a download of 100,000
// messages writes without pause, and nothing else should wait for it.
package pop3store
