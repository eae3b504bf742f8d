package e2e_test

import (
	"os"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestFirefox: what people do most works in Firefox as it does in Chromium. The rest takes
// minutes, so it has a make target of its own.
func TestFirefox(t *testing.T) {
	browser := e2e.StartFirefox(t)
	for _, job := range []struct {
		name   string
		do     func(*testing.T, *e2e.Browser)
		always bool
	}{
		{"the main job", theMainJob, true},
		{"organize", organize, true},
		{"settings", settings, false},
		{"reload", reload, false},
		{"above the message", aboveTheMessage, false},
		{"hostile mail", hostileMail, false},
		{"installable", installable, false},
	} {
		t.Run(job.name, func(t *testing.T) {
			if !job.always && os.Getenv("FIREFOX") == "" {
				t.Skip("make firefox runs it")
			}
			job.do(t, browser)
		})
	}
}
