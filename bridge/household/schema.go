package household

// Schema is the household's tables, step by step (see bridge/database).
var Schema = []string{
	`CREATE TABLE member (
		id TEXT PRIMARY KEY,
		address TEXT NOT NULL UNIQUE, -- lower case
		salt BLOB NOT NULL,
		wrapped BLOB NOT NULL -- the vault key, under the password
	) STRICT;
	CREATE TABLE sealed_account (
		member TEXT NOT NULL REFERENCES member ON DELETE CASCADE,
		id TEXT NOT NULL,
		version INTEGER NOT NULL,
		sealed BLOB NOT NULL,
		PRIMARY KEY (member, id)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE session (
		id TEXT PRIMARY KEY,
		token_hash BLOB NOT NULL UNIQUE,
		member TEXT NOT NULL REFERENCES member ON DELETE CASCADE,
		wrapped BLOB NOT NULL, -- the vault key, under the token
		keep INTEGER NOT NULL,
		user_agent TEXT NOT NULL,
		last_used INTEGER NOT NULL -- Unix seconds
	) STRICT;`,
	// A member has one account of their own and may have others. vault counts the vault keys
	// that a member had: what is sealed under an older one waits for a device that still has
	// it, and is known by its settings until then.
	`ALTER TABLE member RENAME COLUMN address TO name; -- see nameOf
	ALTER TABLE member ADD COLUMN account TEXT NOT NULL DEFAULT ''; -- the member's own
	ALTER TABLE member ADD COLUMN vault INTEGER NOT NULL DEFAULT 1;
	UPDATE member SET account = coalesce((SELECT min(id) FROM sealed_account WHERE member = member.id), '');
	ALTER TABLE sealed_account ADD COLUMN vault INTEGER NOT NULL DEFAULT 1;
	ALTER TABLE sealed_account ADD COLUMN settings TEXT NOT NULL DEFAULT ''; -- JSON, no secret; '' for the member's own
	ALTER TABLE sealed_account ADD COLUMN removed INTEGER NOT NULL DEFAULT FALSE; -- what the bridge kept of it is yet to go
	ALTER TABLE session ADD COLUMN vault INTEGER NOT NULL DEFAULT 1;`,
}
