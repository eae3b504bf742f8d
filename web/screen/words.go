package screen

import (
	"strconv"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

func wordsDeleteForever(n int) string {
	return words.N(n, "Delete this message for good?", "Delete {n} messages for good?")
}

var roleIcons = map[string]string{
	jmap.RoleInbox: "inbox", jmap.RoleDrafts: "file-pen", jmap.RoleSent: "send",
	jmap.RoleArchive: "archive", jmap.RoleJunk: "shield-alert", jmap.RoleTrash: "trash-2",
}

func mailboxName(m *jmap.Mailbox) string { return action.MailboxName(m) }

func mailboxIcon(m *jmap.Mailbox) string {
	if m.Role != nil {
		if icon, ok := roleIcons[*m.Role]; ok {
			return icon
		}
	}
	return "folder"
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
		return words.N(len(short)-most+1, "{names} and {n} more", "{names} and {n} more", strings.Join(short[:most-1], ", "))
	}
	return strings.Join(short, ", ")
}

// initials are what stands in a person's avatar.
func initials(a jmap.EmailAddress) string {
	parts := strings.FieldsFunc(a.DisplayName(), func(r rune) bool { return strings.ContainsRune(" .-_@\"'()", r) })
	var out strings.Builder
	for i, w := range parts {
		if i == 0 || i == len(parts)-1 && !strings.Contains(a.DisplayName(), "@") {
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
