package screen

import "testing"

func TestFuzzy(t *testing.T) {
	names := []string{"Mark unread", "Mark read", "Go to Inbox", "Move to…", "Go to Archive", "Archive", "Paramètres"}
	best := func(query string) (name string) {
		score := -1
		for _, n := range names {
			if s, ok := fuzzy(query, n); ok && s > score {
				name, score = n, s
			}
		}
		return name
	}
	for query, want := range map[string]string{
		"mr": "Mark read", "mu": "Mark unread", "inb": "Go to Inbox", "move": "Move to…", "gta": "Go to Archive", "arch": "Go to Archive", "MARK  R": "Mark read", "paramet": "Paramètres",
	} {
		if got := best(query); got != want {
			t.Errorf("%q finds %q, not %q", query, got, want)
		}
	}
	for _, query := range []string{"zz", "readmark", "☃"} {
		if _, ok := fuzzy(query, "Mark read"); ok {
			t.Errorf("%q is no way to write it", query)
		}
	}
	if score, ok := fuzzy(" ", "Mark read"); !ok || score != 0 {
		t.Error("nothing typed finds everything alike")
	}
}

// Every key of the help does something, and no two commands share one.
func TestCommands(t *testing.T) {
	seen := map[string]string{}
	for _, c := range commands {
		if c.do == nil || c.title() == "" {
			t.Errorf("%q does nothing", c.title())
		}
		for _, key := range c.keys {
			if seen[key] != "" {
				t.Errorf("%s does both %q and %q", key, seen[key], c.name)
			}
			seen[key] = c.title()
			if chorded(key) {
				t.Errorf("%s waits for a second key", key)
			}
		}
	}
	if !chorded("g") {
		t.Error("g waits for nothing")
	}
	if len(helpLines()) < len(seen) {
		t.Errorf("the help has %d lines for %d keys", len(helpLines()), len(seen))
	}
}
