package account

// Schema is the account's tables, step by step (see bridge/database).
var Schema = []string{
	`CREATE TABLE account_meta (
		account TEXT PRIMARY KEY,
		epoch TEXT NOT NULL,     -- first half of every state
		seq INTEGER NOT NULL,    -- last number given in the journal
		floor INTEGER NOT NULL   -- changes up to this number are forgotten
	) STRICT;
	CREATE TABLE account_state (
		account TEXT NOT NULL,
		type TEXT NOT NULL,
		seq INTEGER NOT NULL,
		PRIMARY KEY (account, type)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE account_journal (
		account TEXT NOT NULL,
		seq INTEGER NOT NULL,
		type TEXT NOT NULL,
		id TEXT NOT NULL,
		op INTEGER NOT NULL,
		at INTEGER NOT NULL, -- Unix seconds
		PRIMARY KEY (account, seq)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE account_mailbox (
		id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
		account TEXT NOT NULL,
		name TEXT NOT NULL,
		object_id TEXT NOT NULL,
		gen INTEGER NOT NULL DEFAULT 1,
		uid_validity INTEGER NOT NULL DEFAULT 0,
		mod_seq INTEGER NOT NULL DEFAULT 0,
		uids BLOB NOT NULL DEFAULT x'',
		total INTEGER NOT NULL DEFAULT 0,
		unseen INTEGER NOT NULL DEFAULT 0,
		UNIQUE (account, name)
	) STRICT;
	CREATE TABLE account_alias (
		account TEXT NOT NULL,
		id TEXT NOT NULL, -- of the email, from where it once lay
		mailbox INTEGER NOT NULL,
		gen INTEGER NOT NULL,
		uid INTEGER NOT NULL,
		PRIMARY KEY (account, id)
	) STRICT, WITHOUT ROWID;`,
	// What a member chose and the server has no place for; NULL: as the server says.
	`ALTER TABLE account_mailbox ADD COLUMN sort_order INTEGER;
	ALTER TABLE account_mailbox ADD COLUMN own_role TEXT;`,
	`CREATE TABLE account_identity (
		account TEXT NOT NULL,
		number INTEGER NOT NULL, -- 1: the account's own address
		name TEXT NOT NULL,
		email TEXT NOT NULL,
		reply_to TEXT NOT NULL, -- JSON, as bcc
		bcc TEXT NOT NULL,
		text_signature TEXT NOT NULL,
		html_signature TEXT NOT NULL,
		destroyed INTEGER NOT NULL DEFAULT FALSE,
		PRIMARY KEY (account, number)
	) STRICT, WITHOUT ROWID;`,
	// The index of threads and dates: see fact.
	`CREATE TABLE account_fact (
		mailbox INTEGER NOT NULL,
		gen INTEGER NOT NULL,
		chunk INTEGER NOT NULL, -- of UIDs
		data BLOB NOT NULL,
		PRIMARY KEY (mailbox, gen, chunk)
	) STRICT;
	ALTER TABLE account_meta ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0; -- every message was taken in once`,
	// What the account's servers can do, and what they last said of it.
	`CREATE TABLE account_offer (
		account TEXT NOT NULL,
		capability TEXT NOT NULL,
		offered INTEGER NOT NULL,
		PRIMARY KEY (account, capability)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE account_quota (
		account TEXT PRIMARY KEY,
		quotas TEXT NOT NULL -- JSON
	) STRICT, WITHOUT ROWID;
	CREATE TABLE account_vacation (
		account TEXT PRIMARY KEY,
		seen TEXT NOT NULL -- hash of the object: its words are the person's own
	) STRICT, WITHOUT ROWID;`,
	// What the member's app keeps here.
	`CREATE TABLE account_settings (
		account TEXT PRIMARY KEY,
		settings TEXT NOT NULL -- JSON
	) STRICT, WITHOUT ROWID;`,
	// Emails that are in several mailboxes: see places.
	`CREATE TABLE account_copy (
		account TEXT NOT NULL,
		mailbox INTEGER NOT NULL,
		gen INTEGER NOT NULL,
		uid INTEGER NOT NULL,
		id TEXT NOT NULL, -- of the email
		PRIMARY KEY (account, mailbox, gen, uid)
	) STRICT, WITHOUT ROWID;`,
}
