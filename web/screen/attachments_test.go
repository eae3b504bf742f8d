package screen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/draft"
)

// TestFilesOf: pictures that the HTML shows are no attachments; those that nothing shows
// are.
func TestFilesOf(t *testing.T) {
	m := &jmap.Email{
		HtmlBody:   []jmap.EmailBodyPart{{PartId: "1", Type: "text/html"}},
		BodyValues: map[string]jmap.EmailBodyValue{"1": {Value: `<IMG SRC="CID:Logo@x"><img src="cid:a%20b">`}},
		Attachments: []jmap.EmailBodyPart{
			{BlobId: "shown", Type: "image/png", Cid: "logo@X"},
			{BlobId: "escaped", Type: "image/png", Cid: "a b"},
			{BlobId: "hidden", Type: "image/png", Cid: "other@x"},
			{BlobId: "pdf", Type: "application/pdf", Cid: "logo@x"},
			{BlobId: "plain", Type: "image/png"},
		},
	}
	var got []jmap.Id
	for _, part := range filesOf(m) {
		got = append(got, part.BlobId)
	}
	if fmt.Sprint(got) != "[hidden pdf plain]" {
		t.Errorf("%v", got)
	}
	m.HtmlBody = nil
	if len(filesOf(m)) != len(m.Attachments) {
		t.Error("without HTML nothing is shown elsewhere")
	}
}

// TestViewed: nothing that could run is looked at but as text, or as pictures of its pages.
func TestViewed(t *testing.T) {
	for mediaType, want := range map[string]int{
		"image/png": viewPicture, "image/svg+xml": viewNothing, "text/html": viewText, "text/plain": viewText,
		"application/pdf": viewPDF, "application/octet-stream": viewNothing, "": viewNothing, "application/javascript": viewNothing,
	} {
		if got := viewed(jmap.EmailBodyPart{Type: mediaType}); got != want {
			t.Errorf("%s: %d", mediaType, got)
		}
	}
}

func TestHeavy(t *testing.T) {
	for html, heavy := range map[string]bool{
		"": false, "<p>x</p>": false, strings.Repeat("x", 1<<20): false,
		strings.Repeat("x", 1<<20+1): true, strings.Repeat("<i>", 20_000): false, strings.Repeat("<i></i>", 20_001): true,
	} {
		if heavyHTML(html) != heavy {
			t.Errorf("%d octets: not %v", len(html), heavy)
		}
	}
}

func TestEMLName(t *testing.T) {
	for subject, want := range map[string]string{
		"": "message.eml", "Tea": "Tea.eml", "a/b\\c:d\r\ne": "a_b_c_d__e.eml", strings.Repeat("é", 200): strings.Repeat("é", 80) + ".eml",
	} {
		if got := draft.FileName(&jmap.Email{Subject: subject}); got != want {
			t.Errorf("%q: %q", subject, got)
		}
	}
}

// TestCardParts: an invitation that comes twice is one.
func TestCardParts(t *testing.T) {
	m := &jmap.Email{Attachments: []jmap.EmailBodyPart{
		{BlobId: "1", Type: "text/calendar"}, {BlobId: "2", Type: "application/ics"}, {BlobId: "3", Type: "text/vcard"}, {BlobId: "4", Type: "image/png"},
	}}
	if got := cardParts(m); len(got) != 2 || got[0].BlobId != "1" || got[1].BlobId != "3" {
		t.Errorf("%+v", got)
	}
}
