package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/e2e"
)

// TestPhoneFingers: swipes archive and delete, or do what was chosen, and nothing when they
// go back; a long press selects; pulling down asks for news.
func TestPhoneFingers(t *testing.T) {
	mail := e2e.StartProvider(t)
	for _, subject := range []string{"Bread", "Firewood", "The cat"} {
		mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", subject, "About: "+subject))
	}
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	p.Size(320, 640)
	signIn(p, "ada")
	p.Wait("row", "~The cat")
	p.Touch("row", "~Bread").Move(200, 4).Move(-190, 0).Lift()
	p.Touch("row", "~Bread").Move(30, 150).Lift() // that was scrolling
	p.Touch("row", "~Bread").Move(200, 4).Lift()
	p.Wait("status", "Archived")
	p.WaitGone("row", "~Bread")
	p.Touch("row", "~Firewood").Move(-200, 4).Lift()
	p.Wait("status", "Moved to Trash")
	p.WaitGone("row", "~Firewood")
	p.Eval(`history.pushState(null, "", "/settings/reading"), dispatchEvent(new PopStateEvent("popstate"))`)
	p.Choose("combobox", "To the right", "Star")
	p.Choose("combobox", "To the left", "Move to…")
	p.Click("button", "Close settings")
	p.Touch("row", "~The cat").Move(200, 4).Lift()
	p.WaitEval(`document.querySelector(".row .star").ariaPressed`, "true")
	p.Touch("row", "~The cat").Move(-200, 4).Lift()
	p.Wait("dialog", "Move to")
	p.In("dialog", "Move to").Click("button", "Junk")
	p.Wait("status", "Moved to Junk")
	p.In("status", "Moved to Junk").Click("button", "Undo")
	p.Wait("row", "~The cat")
	p.Reload() // what was chosen is the member's
	p.Wait("row", "~The cat")
	p.Eval(`history.pushState(null, "", "/settings/reading"), dispatchEvent(new PopStateEvent("popstate"))`)
	p.WaitEval(`document.getElementById("setting-swipeRight")?.value`, "star")
	p.Choose("combobox", "To the right", "Nothing")
	p.Choose("combobox", "To the left", "Mark read or unread")
	p.Click("button", "Close settings")
	p.Touch("row", "~The cat").Move(200, 4).Lift()
	p.Touch("row", "~The cat").Move(-200, 4).Lift()
	p.WaitEval(`document.querySelector(".row").classList.contains("unread")`, "false")
	p.Touch("row", "~The cat").Hold(700 * time.Millisecond).Lift()
	p.Wait("heading", "1 selected")
	p.Click("checkbox", "Select all")
	p.WaitGone("heading", "1 selected")
	p.Touch("row", "~The cat").Move(0, 200).Lift()
	p.Wait("heading", "Inbox")
	if wide := p.Eval("document.documentElement.scrollWidth"); wide != "320" {
		t.Errorf("the page is %s wide", wide)
	}
	for what, subject := range map[string]string{"Archive": "Bread", "Trash": "Firewood", "INBOX": "The cat"} {
		if out := mail.Doveadm(t, "search", "-u", "ada", "mailbox", what, "subject", subject); strings.Count(out, "\n") != 1 {
			t.Errorf("%s holds %q of %s", what, out, subject)
		}
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}

// TestOrganizeByDragging: selected rows are dragged to a mailbox together; one is offered
// as a file as well.
func TestOrganizeByDragging(t *testing.T) {
	mail := e2e.StartProvider(t)
	for _, subject := range []string{"Bread", "Firewood", "The cat"} {
		mail.Deliver(t, "ada", "INBOX", letter("Grace <grace@hearth.test>", "ada@hearth.test", subject, "About: "+subject))
	}
	p := e2e.StartBrowser(t).Open(t, mail.Bridge(t).URL)
	signIn(p, "ada")
	p.Wait("row", "~The cat")
	// The events are made here: a headless browser has no pointer that drags.
	drag := `((subject, mailbox) => {
		const data = new DataTransfer();
		const fire = (what, on) => on.dispatchEvent(new DragEvent(what, {bubbles: true, cancelable: true, dataTransfer: data}));
		const row = [...document.querySelectorAll("[role=row]")].find((r) => r.textContent.includes(subject));
		const box = [...document.querySelectorAll("[role=treeitem]")].find((i) => i.textContent.includes(mailbox));
		fire("dragstart", row);
		fire("dragover", box);
		const lit = box.classList.contains("drop-target");
		fire("drop", box);
		fire("dragend", row);
		return lit + " " + data.getData("DownloadURL");
	})`
	if got := p.Eval(drag + `("Bread", "Inbox")`); !strings.HasPrefix(got, "false message/rfc822:Bread.eml:http") {
		t.Errorf("to where it is: %s", got)
	}
	p.Press("x")
	p.Press("j")
	p.Press("x")
	p.Press("j")
	p.Press("x")
	p.Wait("heading", "2 selected")
	if got := p.Eval(drag + `(document.querySelector(".row.selected .row-title").textContent, "Archive")`); got != "true " {
		t.Errorf("to Archive: %s", got)
	}
	p.Wait("status", "2 messages moved to Archive")
	if out := mail.Doveadm(t, "search", "-u", "ada", "mailbox", "Archive", "all"); strings.Count(out, "\n") != 2 {
		t.Errorf("Archive holds %q", out)
	}
	if thrown := p.Thrown() + p.Lost(); thrown != "" {
		t.Error(thrown)
	}
}
