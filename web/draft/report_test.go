package draft

import (
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const bounce = "Reporting-MTA: dns; mx.hearth.test\r\nArrival-Date: Tue, 1 Dec 2026 12:00:00 +0000\r\n\r\n" +
	"Final-Recipient: rfc822; grace@hearth.test\r\nOriginal-Recipient: rfc822;amazing@hearth.test\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n" +
	"Final-Recipient: RFC822; nobody@hearth.test\r\nAction: Failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 nobody here\r\n is called that\r\n"

func TestReadReport(t *testing.T) {
	got := ReadReport(bounce)
	for address, want := range map[string]jmap.DeliveryStatus{
		"amazing@hearth.test": {Delivered: "yes", Displayed: "unknown", SMTPReply: "2.0.0"},
		"nobody@hearth.test":  {Delivered: "no", Displayed: "unknown", SMTPReply: "550 5.1.1 nobody here is called that"},
	} {
		if got[address] != want {
			t.Errorf("%s: %+v, want %+v", address, got[address], want)
		}
	}
	if len(got) != 2 {
		t.Errorf("%+v", got)
	}
	read := ReadReport("Reporting-UA: x\nFinal-Recipient: rfc822;grace@hearth.test\nDisposition: manual-action/MDN-sent-manually; displayed\n")
	if read["grace@hearth.test"].Displayed != "yes" {
		t.Errorf("%+v", read)
	}
	for _, nothing := range []string{"", "Final-Recipient: rfc822; a@b.test", "Action: failed\nFinal-Recipient: x", "Disposition: automatic-action/x; deleted\nFinal-Recipient: rfc822;a@b.test"} {
		if got := ReadReport(nothing); got != nil {
			t.Errorf("%q: %+v", nothing, got)
		}
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add(bounce)
	f.Add("Final-Recipient:\n x;\n\n:\n")
	f.Fuzz(func(t *testing.T, text string) {
		for address, s := range ReadReport(text) {
			if !ValidAddress(address) || s.Delivered == "" {
				t.Errorf("%q: %+v", address, s)
			}
		}
	})
}
