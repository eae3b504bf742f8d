package gateway

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"mime"
	"strings"
	"time"

	"golang.org/x/text/encoding/korean"
)

const day = 24 * time.Hour

// letter is a message of the account that all rules are checked on.
type letter struct {
	key      string
	in       []string // keys of mailboxes
	keywords []string
	age      time.Duration // since it was received
	dated    time.Duration // since it was written; 0: age

	from, to, subject string
	header            string // more lines
	typed             string // Content-Type and what goes with it; "": plain text
	body              string
}

const plain = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n"

// raw is the message as it is imported, without a line end after its last line.
func (l letter) raw(now time.Time) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <%s@letters.test>\n",
		l.from, cmp.Or(l.to, "ada@hearth.test"), l.subject, now.Add(-cmp.Or(l.dated, l.age)).UTC().Format(time.RFC1123Z), l.key)
	b.WriteString(l.header)
	b.WriteString("MIME-Version: 1.0\n")
	b.WriteString(cmp.Or(l.typed, plain))
	b.WriteString("\n" + l.body)
	return []byte(strings.ReplaceAll(b.String(), "\n", "\r\n"))
}

var (
	pdf    = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + strings.Repeat(" ", 100)
	report = "%PDF-1.4 not much of one, but it is enough to be enclosed"
	jpeg   = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
)

// longLine is far over the 998 octets of RFC 5322 §2.1.1.
var longLine = "It begins. " + strings.Repeat("One figure after the other, and each of them had to be written down here. ", 700) + "It ends."

// letters are all of them; several were received at the same moment.
var letters = []letter{
	{
		key: "plain", in: []string{"inbox"}, keywords: []string{"$seen"}, age: 10 * day,
		from: "Rose Marlow <rose@garden.example>", subject: "Seedlings on Saturday",
		body: "I will bring them to the potting shed before noon.",
	},
	{
		key: "report", in: []string{"inbox"}, keywords: []string{"$seen", "$flagged"}, age: 9 * day,
		from: "Tom Ferry <tom@harbour.example>", subject: "The ferry accounts of autumn", header: "Cc: clerk@harbour.example\n",
		typed: "Content-Type: multipart/mixed; boundary=\"----=_Part_7\"\n",
		body: "------=_Part_7\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\n" +
			"<html><body><h1>Accounts</h1><p>They are enclosed.</p></body></html>\n" +
			"------=_Part_7\nContent-Type: application/pdf; name=\"accounts.pdf\"\nContent-Disposition: attachment; filename=\"accounts.pdf\"\n" +
			"Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(report)) + "\n------=_Part_7--",
	},
	{
		key: "bridge-1", in: []string{"A"}, keywords: []string{"$seen"}, age: 8 * day,
		from: "ada@hearth.test", to: "rose@garden.example", subject: "Repairing the footbridge",
		body: "Shall we do it this year?",
	},
	{
		key: "bridge-2", in: []string{"inbox"}, age: 7 * day,
		from: "Rose Marlow <rose@garden.example>", subject: "Re: Repairing the footbridge",
		header: "In-Reply-To: <bridge-1@letters.test>\nReferences: <bridge-1@letters.test>\n",
		body:   "Gladly. In June?",
	},
	{
		key: "bridge-3", in: []string{"inbox"}, keywords: []string{"$answered"}, age: 6 * day,
		from: "Tom Ferry <tom@harbour.example>", to: "ada@hearth.test, rose@garden.example", subject: "Re: Repairing the footbridge",
		header: "In-Reply-To: <bridge-2@letters.test>\nReferences: <bridge-1@letters.test>\n <bridge-2@letters.test>\n",
		body:   "June it is. I have a theodolite to lend.",
	},
	{
		key: "twice", in: []string{"inbox", "A"}, keywords: []string{"$seen"}, age: 5 * day,
		from: "David Weir <david@weir.example>", subject: "To be filed twice",
		body: "This belongs in two places.",
	},
	{
		key: "long", in: []string{"B"}, age: 4 * day,
		from: "Eve Ledger <eve@ledger.example>", subject: "Deep in the figures",
		body: longLine,
	},
	{
		key: "digest", in: []string{"inbox"}, keywords: []string{"$seen"}, age: 3 * day,
		from: "Frank Letters <frank@letters.example>", subject: "What happened: the village week",
		typed: "Content-Type: multipart/alternative; boundary=\"----=_Alt_7\"\n",
		body: "------=_Alt_7\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\nThe Village Week, without pictures\n" +
			"------=_Alt_7\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\n" +
			"<html><body><h1>The Village Week</h1><p>Now with a <b>picture</b>.<img src=\"cid:nowhere\"></p></body></html>\n------=_Alt_7--",
	},
	{
		key: "untitled", in: []string{"inbox"}, keywords: []string{"$seen"}, age: 2 * day,
		from: "Grace Short <grace@short.example>", body: "I could not think of a subject.",
	},
	{
		key: "labelled", in: []string{"inbox"}, keywords: []string{"$seen", "$forwarded", "to_frame"}, age: day,
		from: "Henry Tags <henry@tags.example>", subject: "With labels", body: "Some labels are mine.",
	},
	{
		key: "ancient", in: []string{"A"}, keywords: []string{"$seen"}, age: 30 * day,
		from: "Iris Vault <iris@vault.example>", subject: "From long ago", body: "A month ago, at least.",
	},
	{
		key: "blind", in: []string{"A"}, keywords: []string{"$seen", "$draft"}, age: 2 * day,
		from: "ada@hearth.test", to: "jack@quiet.example", subject: "Between us", header: "Bcc: whisper@quiet.example\n", body: "One more person reads this.",
	},
	{
		key: "list", in: []string{"inbox"}, keywords: []string{"$seen"}, age: day,
		from: "Bees Keeper <keeper@bees.example>", subject: "Swarming",
		header: "List-Post: <mailto:bees@bees.example>\nList-Unsubscribe: <https://bees.example/leave>\nX-Hive: hive-number-4711\n",
		body:   "The bees of all members are swarming.",
	},
	{
		key: "picture", in: []string{"inbox"}, keywords: []string{"$seen"}, age: 12 * time.Hour,
		from: "Kate Lens <kate@lens.example>", subject: "Look at this",
		typed: "Content-Type: multipart/related; boundary=\"----=_Rel_7\"\n",
		body: "------=_Rel_7\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\n" +
			"<html><body><p>Here it is:</p><img src=\"cid:lens1@letters.test\"></body></html>\n" +
			"------=_Rel_7\nContent-Type: image/jpeg\nContent-ID: <lens1@letters.test>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString([]byte(jpeg)) + "\n------=_Rel_7--",
	},
	{
		key: "foreign", in: []string{"inbox"}, age: 6 * time.Hour,
		from: mime.BEncoding.Encode("UTF-8", "山田花子") + " <hanako@sakura.example>", subject: mime.BEncoding.Encode("UTF-8", "お花見のお誘い"),
		body: "Only the header is in Japanese.",
	},
	{
		key: "sort-1", in: []string{"B"}, keywords: []string{"$seen"}, age: 3 * day, dated: 5 * day,
		from: "Zoe Aster <zoe@aster.example>", subject: "Acorns", body: strings.Repeat("A", 100),
	},
	{
		key: "sort-2", in: []string{"B"}, keywords: []string{"$seen", "$flagged"}, age: 2 * day, dated: 3 * day,
		from: "Abe Birch <abe@birch.example>", subject: "Beechnuts", body: strings.Repeat("B", 500),
	},
	{
		key: "sort-3", in: []string{"B"}, age: day,
		from: "Mia Cedar <mia@cedar.example>", subject: "Gum", body: strings.Repeat("C", 50),
	},
	{
		key: "draft", in: []string{"drafts"}, keywords: []string{"$seen", "$draft"}, age: time.Hour,
		from: "ada@hearth.test", to: "ada2@hearth.test", subject: "About to be sent", body: "Not yet.",
	},
	{
		key: "nested", in: []string{"A1"}, keywords: []string{"$seen"}, age: 5 * day,
		from: "Nan Inner <nan@inner.example>", subject: "In a box in a box", body: "Deep down.",
	},
	{
		key: "korean", in: []string{"inbox"}, keywords: []string{"$seen"}, age: 5 * time.Hour,
		from: eucKR("홍길동") + " <gildong@seoul.example>", subject: eucKR("안녕하세요"),
		typed: "Content-Type: text/plain; charset=EUC-KR\nContent-Transfer-Encoding: base64\n",
		body:  base64.StdEncoding.EncodeToString([]byte(toEUCKR("오늘 만나서 반가웠습니다."))),
	},
	{
		key: "broken", in: []string{"inbox"}, keywords: []string{"$seen"}, age: 4 * time.Hour,
		from: "broken@wires.example", subject: "Sparks in the line", header: "X-Noise: before \x01\x02 after\n",
		typed: "Content-Type: text/plain; charset=us-ascii\n",
		body:  "Short.\n\n" + strings.Repeat("hiss ", 210) + "\n\ncaf\u00e9 na\u00efve \u00e9t\u00e9\n\nThat was all.",
	},
}

func toEUCKR(s string) string {
	out, err := korean.EUCKR.NewEncoder().String(s)
	if err != nil {
		panic(err) // a constant
	}
	return out
}

func eucKR(s string) string {
	return "=?EUC-KR?B?" + base64.StdEncoding.EncodeToString([]byte(toEUCKR(s))) + "?="
}
