package action

import (
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/words"
)

// RoleNames are the names of mailboxes with a role: servers spell them in many ways.
var RoleNames = map[string]words.Text{
	jmap.RoleInbox: words.Mark("Inbox"), jmap.RoleDrafts: words.Mark("Drafts"), jmap.RoleSent: words.Mark("mailbox|Sent"),
	jmap.RoleArchive: words.Mark("mailbox|Archive"), jmap.RoleJunk: words.Mark("mailbox|Junk"), jmap.RoleTrash: words.Mark("Trash"),
}

// MailboxName is how a mailbox is called.
func MailboxName(m *jmap.Mailbox) string {
	if m.Role != nil {
		if name, ok := RoleNames[*m.Role]; ok {
			return name.String()
		}
	}
	return m.Name
}
