package e2e_test

import (
	"os"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestFirefox: what people do most works in Firefox as it does in Chromium. It takes
// minutes, so it has a make target of its own.
func TestFirefox(t *testing.T) {
	if os.Getenv("FIREFOX") == "" {
		t.Skip("make firefox runs it")
	}
	browser := e2e.StartFirefox(t)
	for _, job := range []struct {
		name string
		do   func(*testing.T, *e2e.Browser)
	}{
		{"the main job", theMainJob},
		{"organize", organize},
		{"settings", settings},
		{"reload", reload},
		{"above the message", aboveTheMessage},
		{"hostile mail", hostileMail},
		{"installable", installable},
	} {
		t.Run(job.name, func(t *testing.T) { job.do(t, browser) })
	}
}
