package account

import (
	"path/filepath"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// MailDir is where an account keeps its mail, below the folder of the bridge's data, if it is
// one that downloads it.
func MailDir(dir string, id jmap.Id) string { return filepath.Join(dir, "pop3", string(id)) }
