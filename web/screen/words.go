package screen

import (
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
)

// All words of the screen. Those of web/action stand in its text.go; a catalogue
// takes over both.
const (
	wordArchive       = "Archive"
	wordDelete        = "Delete"
	wordJunk          = "Junk"
	wordNotJunk       = "Not junk"
	wordMarkRead      = "Mark read"
	wordMarkUnread    = "Mark unread"
	wordMove          = "Move to…"
	wordStar          = "Star"
	wordReply         = "Reply"
	wordReplyAll      = "Reply all"
	wordForward       = "Forward"
	wordCompose       = "Compose"
	wordSearch        = "Search mail"
	wordNoSender      = "(no sender)"
	wordNoSubject     = "(no subject)"
	wordNoRecipient   = "(no recipient)"
	wordDeleteForever = "Delete for good"
	wordCannotUndo    = "This cannot be undone."
	wordCancel        = "Cancel"
	wordRetry         = "Retry"
)

func wordsDeleteForever(n int) string {
	if n == 1 {
		return "Delete this message for good?"
	}
	return "Delete " + count(n) + " messages for good?"
}

// roleNames are the names of mailboxes with a role: servers spell them in many ways.
var roleNames = map[string]string{
	jmap.RoleInbox: "Inbox", jmap.RoleDrafts: "Drafts", jmap.RoleSent: "Sent",
	jmap.RoleArchive: "Archive", jmap.RoleJunk: "Junk", jmap.RoleTrash: "Trash",
}

var roleIcons = map[string]string{
	jmap.RoleInbox: "inbox", jmap.RoleDrafts: "file-pen", jmap.RoleSent: "send",
	jmap.RoleArchive: "archive", jmap.RoleJunk: "shield-alert", jmap.RoleTrash: "trash-2",
}

func mailboxName(m *jmap.Mailbox) string {
	if m.Role != nil {
		if name, ok := roleNames[*m.Role]; ok {
			return name
		}
	}
	return m.Name
}

func mailboxIcon(m *jmap.Mailbox) string {
	if m.Role != nil {
		if icon, ok := roleIcons[*m.Role]; ok {
			return icon
		}
	}
	return "folder"
}

// count writes a number with thin spaces between thousands.
func count(n int) string {
	digits := strconv.Itoa(n)
	if len(digits) <= 4 {
		return digits
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString("\u202f")
		}
		b.WriteRune(d)
	}
	return b.String()
}

// size writes octets as people read them.
func size(octets int64) string {
	switch {
	case octets < 1000:
		return strconv.FormatInt(octets, 10) + " B"
	case octets < 1_000_000:
		return strconv.FormatInt((octets+500)/1000, 10) + " KB"
	}
	if octets < 1_000_000_000 {
		return strconv.FormatFloat(float64(octets)/1e6, 'f', 1, 64) + " MB"
	}
	return strconv.FormatFloat(float64(octets)/1e9, 'f', 1, 64) + " GB"
}

// shortDate writes when something came: today the time, this year the day, else
// the date.
func shortDate(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	switch {
	case t.IsZero():
		return ""
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return browser.Format(browser.FormatTime, t)
	case t.Year() == now.Year() || now.Sub(t) < 180*24*time.Hour && t.Before(now):
		return browser.Format(browser.FormatDay, t)
	}
	return browser.Format(browser.FormatDate, t)
}

func wholeDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return browser.Format(browser.FormatWhole, t.Local())
}

// names writes people as a list of names, shortened where there are many.
func names(list []jmap.EmailAddress, nobody string) string {
	if len(list) == 0 {
		return nobody
	}
	if len(list) == 1 {
		if name := list[0].DisplayName(); name != "" {
			return name
		}
		return nobody
	}
	short := make([]string, 0, len(list))
	for _, a := range list {
		name := a.DisplayName()
		if first, _, ok := strings.Cut(name, " "); ok {
			name = first
		} else if local, _, ok := strings.Cut(name, "@"); ok {
			name = local
		}
		short = append(short, name)
	}
	const most = 4
	if len(short) > most {
		return strings.Join(short[:most-1], ", ") + " and " + strconv.Itoa(len(short)-most+1) + " more"
	}
	return strings.Join(short, ", ")
}

// initials are what stands in a person's avatar.
func initials(a jmap.EmailAddress) string {
	words := strings.FieldsFunc(a.DisplayName(), func(r rune) bool { return strings.ContainsRune(" .-_@\"'()", r) })
	var out strings.Builder
	for i, w := range words {
		if i == 0 || i == len(words)-1 && !strings.Contains(a.DisplayName(), "@") {
			for _, r := range w {
				out.WriteString(strings.ToUpper(string(r)))
				break
			}
		}
	}
	if out.Len() == 0 {
		return "?"
	}
	return out.String()
}

// hue is the colour of a person's avatar: the same for the same address.
func hue(address string) string {
	h := uint32(2166136261)
	for _, b := range []byte(strings.ToLower(address)) {
		h = (h ^ uint32(b)) * 16777619
	}
	return strconv.Itoa(int(h % 12))
}
