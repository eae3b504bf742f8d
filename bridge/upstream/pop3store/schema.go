package pop3store

// schema is the tables of one account's mail, step by step (see bridge/database).
var schema = []string{
	`CREATE TABLE about (
		epoch INTEGER NOT NULL,            -- no UIDVALIDITY is below it
		primed INTEGER NOT NULL DEFAULT 0  -- the maildrop was listed once
	) STRICT;
	CREATE TABLE box (
		id INTEGER PRIMARY KEY AUTOINCREMENT, -- with the epoch it is the UIDVALIDITY
		name TEXT NOT NULL UNIQUE,
		role TEXT NOT NULL,
		subscribed INTEGER NOT NULL DEFAULT TRUE,
		uid_next INTEGER NOT NULL DEFAULT 1,
		mod_seq INTEGER NOT NULL DEFAULT 1
	) STRICT;
	CREATE TABLE content ( -- a file: see files
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		size INTEGER NOT NULL, -- octets
		summary TEXT NOT NULL, -- JSON
		attached INTEGER NOT NULL,
		sent INTEGER, -- Unix seconds
		from_key TEXT NOT NULL, -- what is sorted by, as the next two
		to_key TEXT NOT NULL,
		subject_key TEXT NOT NULL
	) STRICT;
	CREATE VIRTUAL TABLE words USING fts5( -- rowid: the content's
		sender, recipient, cc, bcc, subject, header, body,
		content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3'
	);
	CREATE TABLE message (
		box INTEGER NOT NULL REFERENCES box,
		uid INTEGER NOT NULL,
		content INTEGER NOT NULL REFERENCES content,
		received INTEGER NOT NULL, -- Unix seconds
		keywords TEXT NOT NULL,    -- each between two spaces, in order; "" for none
		mod_seq INTEGER NOT NULL DEFAULT 0, -- of the last change of keywords; 0: none
		PRIMARY KEY (box, uid)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX message_content ON message (content);
	CREATE INDEX message_changed ON message (box, mod_seq) WHERE mod_seq > 0;
	CREATE TABLE taken ( -- every message that was ever downloaded: see compare
		uidl TEXT PRIMARY KEY,
		size INTEGER NOT NULL, -- as the server lists it
		head BLOB NOT NULL,    -- hash of the header
		whole BLOB NOT NULL,   -- hash of all of it
		there INTEGER NOT NULL, -- it was on the server when that was last looked at
		content INTEGER NOT NULL, -- which may be gone by now
		at INTEGER NOT NULL -- Unix seconds
	) STRICT, WITHOUT ROWID;
	CREATE INDEX taken_content ON taken (content);
	CREATE INDEX taken_gone ON taken (whole) WHERE NOT there;
	CREATE TABLE listing ( -- messages that were not downloaded yet, and the UIDs they will have
		base INTEGER PRIMARY KEY, -- UID of the first in INBOX; the others follow
		first INTEGER NOT NULL,   -- it is what lay there when the account was new
		uidls TEXT NOT NULL       -- in the server's order, each with a line feed
	) STRICT;`,
}
