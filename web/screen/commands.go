package screen

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/browser"
)

// command is something a person can ask for by key, or by name in the palette.
type command struct {
	name string
	keys []string // as KeyboardEvent.key has them; "g i" is one after the other
	do   func(s *Screen)
}

// commands is all that can be done by key and in the palette; the help shows it too.
var commands []command

// byKey finds the command of a key.
var byKey = map[string]*command{}

// What a command does may itself look into commands: so they are put there here.
func init() {
	commands = []command{
		{wordCompose, []string{"c"}, (*Screen).compose},
		{wordSearch, []string{"/"}, func(*Screen) { browser.Focus(idSearch) }},
		{"Command palette", []string{"Ctrl k"}, (*Screen).togglePalette},
		{"Next message", []string{"j"}, func(s *Screen) { s.step(1) }},
		{"Previous message", []string{"k"}, func(s *Screen) { s.step(-1) }},
		{"Open", []string{"o"}, func(s *Screen) { s.openRow(s.cursor) }},
		{"Back to the list", []string{"u"}, (*Screen).closeEmail},
		{"Select", []string{"x"}, (*Screen).tickCursor},
		{wordArchive, []string{"e"}, func(s *Screen) { s.archive(s.targets()) }},
		{wordDelete, []string{"#", "Delete"}, func(s *Screen) { s.delete(s.targets()) }},
		{"Junk, or not junk", []string{"!"}, func(s *Screen) { s.junk(s.targets()) }},
		{wordStar, []string{"s"}, func(s *Screen) { s.star(s.targets()) }},
		{wordReply, []string{"r"}, func(s *Screen) { s.answer(s.do.Reply) }},
		{wordReplyAll, []string{"a"}, func(s *Screen) { s.answer(s.do.ReplyAll) }},
		{wordForward, []string{"f"}, func(s *Screen) { s.answer(s.do.Forward) }},
		{wordMarkRead, []string{"I"}, func(s *Screen) { s.mark(true, s.targets()) }},
		{wordMarkUnread, []string{"U"}, func(s *Screen) { s.mark(false, s.targets()); s.closeEmail() }},
		{wordMove, []string{"v"}, (*Screen).openMove},
		{"Undo", []string{"z"}, func(s *Screen) { s.do.Undo() }},
		{"Go to Inbox", []string{"g i"}, func(s *Screen) { s.openRole(jmap.RoleInbox) }},
		{"Go to Sent", []string{"g s"}, func(s *Screen) { s.openRole(jmap.RoleSent) }},
		{"Go to Drafts", []string{"g d"}, func(s *Screen) { s.openRole(jmap.RoleDrafts) }},
		{"Go to Archive", []string{"g a"}, func(s *Screen) { s.openRole(jmap.RoleArchive) }},
		{"Go to Trash", []string{"g t"}, func(s *Screen) { s.openRole(jmap.RoleTrash) }},
		{"New mailbox", nil, func(s *Screen) { s.nameNew(s.account(), "") }},
		{"Keyboard shortcuts", []string{"?"}, (*Screen).openHelp},
		{"Settings", nil, func(s *Screen) { s.openSettings(settingsSections[0].id) }},
		{"Sign out", nil, (*Screen).signOut},
	}
	for i := range commands {
		for _, key := range commands[i].keys {
			byKey[key] = &commands[i]
		}
	}
}

// otherKeys are those that move about or need more than a letter: moveKey and the
// composer know them.
var otherKeys = []command{
	{"Next, previous message", []string{"↓", "↑"}, nil},
	{"Move further", []string{"Page ↓", "Page ↑", "Home", "End"}, nil},
	{"Extend the selection", []string{"Shift ↓", "Shift ↑"}, nil},
	{"Open", []string{"Enter"}, nil},
	{"Close what was opened last", []string{"Esc"}, nil},
	{"Close or open a mailbox in the tree", []string{"←", "→"}, nil},
	{"Rename a mailbox in the tree", []string{"F2"}, nil},
	{"Send", []string{"Ctrl Enter"}, nil},
}

// chorded reports whether a key begins keys of two letters.
func chorded(key string) bool {
	for k := range byKey {
		if first, _, ok := strings.Cut(k, " "); ok && first == key {
			return true
		}
	}
	return false
}

// keysShown writes a command's keys as they stand on the keyboard.
func keysShown(c *command) []string {
	var out []string
	for _, key := range c.keys {
		if len(key) == 1 && key >= "A" && key <= "Z" {
			key = "Shift " + strings.ToLower(key)
		}
		if browser.AppleKeys() {
			key = strings.Replace(key, "Ctrl ", "⌘ ", 1)
		}
		out = append(out, key)
	}
	return out
}

// helpLines are the commands that have keys, then the other keys.
func helpLines() []command {
	lines := slices.DeleteFunc(slices.Clone(commands), func(c command) bool { return c.keys == nil })
	return append(lines, otherKeys...)
}
