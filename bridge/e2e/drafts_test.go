package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestDraftsSurvive: whenever the page ends, what was written before is there again, and is
// one draft. DRAFTS is how often it is tried.
func TestDraftsSurvive(t *testing.T) {
	times, err := strconv.Atoi(os.Getenv("DRAFTS"))
	if err != nil {
		times = 2
	}
	mail := e2e.StartProvider(t)
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	for i := range times {
		subject := fmt.Sprintf("Letter %d", i)
		p.Press("c")
		p.Wait("dialog", "New message")
		p.Fill("textbox", "Subject", subject)
		p.Fill("textbox", "Message body", "First words.")
		time.Sleep(time.Second) // of a pause
		after := rand.N(4 * time.Second)
		for begun := time.Now(); time.Since(begun) < after; time.Sleep(50 * time.Millisecond) {
			p.Press("n")
		}
		p.Reload()
		p.Wait("dialog", "New message")
		p.WaitEval(`document.querySelector("[role=dialog] [aria-label='Message body']").innerText.includes("First words.")`, "true")
		if got := p.Property("textbox", "Subject", "value"); got != subject {
			t.Errorf("after %v the subject is %q", after, got)
		}
		p.WaitText("dialog", "Saved")
		p.Click("button", "Save and close")
		p.WaitGone("dialog", "New message")
		until(t, func() bool {
			return strings.Count(mail.Doveadm(t, "search", "-u", "ada", "mailbox", "Drafts", "subject", subject), "\n") == 1
		})
	}
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}
