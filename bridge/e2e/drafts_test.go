package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
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
	attachesInPieces(t, mail, p)
	if thrown := p.Thrown(); thrown != "" {
		t.Error(thrown)
	}
}

// cutSecond breaks the second upload off.
const cutSecond = `(() => {
	const send = XMLHttpRequest.prototype.send;
	let sent = 0;
	XMLHttpRequest.prototype.send = function (body) {
		if (++sent === 2) setTimeout(() => { this.abort(); this.dispatchEvent(new ProgressEvent("error")); });
		send.call(this, body);
	};
})()`

// attachesInPieces: a connection that breaks in the middle of a large file costs a piece.
func attachesInPieces(t *testing.T, mail *e2e.Provider, p *e2e.Page) {
	t.Helper()
	large := filepath.Join(t.TempDir(), "large.bin")
	if err := os.WriteFile(large, bytes.Repeat([]byte("0123456789abcde\n"), 17<<16), 0o600); err != nil { // 17 MiB
		t.Fatal(err)
	}
	_ = p.Eval(cutSecond)
	p.Press("c")
	p.Wait("dialog", "New message")
	p.Fill("textbox", "Subject", "Large")
	p.Pick(p.Eval(`document.querySelector("[role=dialog] input[type=file]").id`), large)
	p.WaitText("dialog", "Waiting for the connection")
	p.Pick(p.Eval(`document.querySelector("[role=dialog] input[type=file]").id`), photo(t))
	p.Click("button", "Shrink photo.png")
	p.WaitGone("button", "Shrink photo.png")
	p.Click("button", "Remove photo.png")
	p.WaitGone("button", "Remove photo.png")
	p.WaitText("dialog", "Saved")
	until(t, func() bool {
		_, size, _ := strings.Cut(mail.Doveadm(t, "fetch", "-u", "ada", "size.physical", "mailbox", "Drafts", "subject", "Large", "larger", "20M"), ": ")
		n, _ := strconv.Atoi(strings.TrimSpace(size))
		return n > 17<<20*4/3
	})
}

// photo is the file of a picture that is larger than a screen, and has much to it.
func photo(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1800, 300))
	for i := range img.Pix {
		img.Pix[i] = byte(rand.N(256)) | byte(255*(i%4/3)) // opaque noise
	}
	name := filepath.Join(t.TempDir(), "photo.png")
	f, err := os.Create(name)
	if err == nil {
		err = errors.Join(png.Encode(f, img), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}
