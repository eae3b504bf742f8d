package screen

import (
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/action"
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// command is something a person can ask for by key, or by name in the palette.
type command struct {
	name words.Text
	keys []string // as KeyboardEvent.key has them; "g i" is one after the other
	do   func(s *Screen)
	role string // of the mailbox it goes to, which the palette has among the others
}

// title is what it is called.
func (c *command) title() string {
	if c.role != "" {
		return words.T("Go to {mailbox}", action.RoleNames[c.role].String())
	}
	return c.name.String()
}

// commands is all that can be done by key and in the palette; the help shows it too.
var commands []command

var namePalette = words.Mark("Command palette")

// byKey finds the command of a key.
var byKey = map[string]*command{}

func goToRole(keys, role string) command {
	return command{keys: []string{keys}, role: role, do: func(s *Screen) { s.openRole(role) }}
}

// What a command does may itself look into commands: so they are put there here.
func init() {
	commands = []command{
		{words.Mark("Compose"), []string{"c"}, (*Screen).compose, ""},
		{words.Mark("Search mail"), []string{"/"}, func(*Screen) { browser.Focus(idSearch) }, ""},
		{namePalette, []string{"Ctrl k"}, (*Screen).togglePalette, ""},
		{words.Mark("Next message"), []string{"j"}, func(s *Screen) { s.step(1) }, ""},
		{words.Mark("Previous message"), []string{"k"}, func(s *Screen) { s.step(-1) }, ""},
		{words.Mark("Open"), []string{"o"}, func(s *Screen) { s.openRow(s.cursor) }, ""},
		{words.Mark("Back to the list"), []string{"u"}, (*Screen).closeEmail, ""},
		{words.Mark("Select"), []string{"x"}, (*Screen).tickCursor, ""},
		{words.Mark("Archive"), []string{"e"}, func(s *Screen) { s.archive(s.targets()) }, ""},
		{words.Mark("Delete"), []string{"#", "Delete"}, func(s *Screen) { s.delete(s.targets()) }, ""},
		{words.Mark("Junk, or not junk"), []string{"!"}, func(s *Screen) { s.junk(s.targets()) }, ""},
		{words.Mark("Star"), []string{"s"}, func(s *Screen) { s.star(s.targets()) }, ""},
		{words.Mark("Reply"), []string{"r"}, func(s *Screen) { s.answer(s.do.Reply) }, ""},
		{words.Mark("Reply all"), []string{"a"}, func(s *Screen) { s.answer(s.do.ReplyAll) }, ""},
		{words.Mark("Forward"), []string{"f"}, func(s *Screen) { s.answer(s.do.Forward) }, ""},
		{words.Mark("Mark read"), []string{"I"}, func(s *Screen) { s.mark(true, s.targets()) }, ""},
		{words.Mark("Mark unread"), []string{"U"}, func(s *Screen) { s.mark(false, s.targets()); s.closeEmail() }, ""},
		{words.Mark("Move to…"), []string{"v"}, (*Screen).openMove, ""},
		{words.Mark("Undo"), []string{"z"}, func(s *Screen) { s.do.Undo() }, ""},
		goToRole("g i", jmap.RoleInbox),
		goToRole("g s", jmap.RoleSent),
		goToRole("g d", jmap.RoleDrafts),
		goToRole("g a", jmap.RoleArchive),
		goToRole("g t", jmap.RoleTrash),
		{words.Mark("New mailbox"), nil, func(s *Screen) { s.nameNew(s.account(), "") }, ""},
		{words.Mark("Keyboard shortcuts"), []string{"?"}, (*Screen).openHelp, ""},
		{nameOutbox, nil, (*Screen).openOutbox, ""},
		{words.Mark("Settings"), nil, func(s *Screen) { s.openSettings(firstSection) }, ""},
		{words.Mark("Sign out"), nil, (*Screen).signOut, ""},
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
	{words.Mark("Next, previous message"), []string{"↓", "↑"}, nil, ""},
	{words.Mark("Move further"), []string{"Page ↓", "Page ↑", "Home", "End"}, nil, ""},
	{words.Mark("Extend the selection"), []string{"Shift ↓", "Shift ↑"}, nil, ""},
	{words.Mark("Open"), []string{"Enter"}, nil, ""},
	{words.Mark("Close what was opened last"), []string{"Esc"}, nil, ""},
	{words.Mark("Show or hide the messages of a conversation in the list"), []string{"→", "←"}, nil, ""},
	{words.Mark("Close or open a mailbox in the tree"), []string{"←", "→"}, nil, ""},
	{words.Mark("Rename a mailbox in the tree"), []string{"F2"}, nil, ""},
	{words.Mark("Move the edge of a pane, or put it back"), []string{"←", "→", "Enter"}, nil, ""},
	{words.Mark("Read a message larger, smaller, as it was made"), []string{"Ctrl +", "Ctrl -", "Ctrl 0"}, nil, ""},
	{words.Mark("Send"), []string{"Ctrl Enter"}, nil, ""},
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
		parts := strings.Split(key, " ")
		for i, part := range parts {
			if name, ok := keyNames[part]; ok {
				parts[i] = name.String()
			}
		}
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

// keyNames are the keys that have other words on them elsewhere.
var keyNames = map[string]words.Text{
	"Ctrl": words.Mark("key|Ctrl"), "Shift": words.Mark("key|Shift"), "Delete": words.Mark("key|Delete"), "Enter": words.Mark("key|Enter"),
	"Esc": words.Mark("key|Esc"), "Home": words.Mark("key|Home"), "End": words.Mark("key|End"), "Page": words.Mark("key|Page"),
}

// helpLines are the commands that have keys, then the other keys.
func helpLines() []command {
	lines := slices.DeleteFunc(slices.Clone(commands), func(c command) bool { return c.keys == nil })
	return append(lines, otherKeys...)
}
