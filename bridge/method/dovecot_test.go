package method_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/bridge/upstream/dovecot"
	"github.com/hearthmail/hearthmail/bridge/upstream/imapstore"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// letters is messages as they come, each with "hello" somewhere in its text.
var letters = map[string]string{
	"plain":           "Subject: x\n\nhello\n",
	"no header":       "X:\n\nhello",
	"text type":       "Content-Type: text\n\nhello\n",
	"semicolon":       "Content-Type: text/plain charset=utf-8\n\nhello\n",
	"encoding":        "Content-Transfer-Encoding: 8-bit (what)\n\nhello\n",
	"no parts":        "Content-Type: multipart/mixed; boundary=b\n\nhello, without parts\n",
	"no boundary":     "Content-Type: multipart/alternative\n\nhello, without a boundary\n",
	"not closed":      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n",
	"two types":       "Content-Type: text/plain\nContent-Type: application/pdf\n\nhello\n",
	"quoted":          "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nhello =E9 =\nand more   \n=",
	"inner ends":      "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--a\n\nafter\n--a--\n",
	"digest":          "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nhello\n--a\nContent-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: d\n\none\n--b--\n--a--\n",
	"message":         "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ninner\n--c\nContent-Type: text/csv\nContent-Transfer-Encoding: base64\n\nYSxi\n--c--\n--b--\n",
	"encoded message": "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("Subject: in\n\nhello")) + "\n--b--\n",
	"names":           "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: application/pdf; name=report (1).pdf\nContent-Disposition: attachment; filename*0*=utf-8''r%C3; filename*1*=%A9; filename*2=\".pdf\"\nContent-Transfer-Encoding: BASE64\n\nAAAA\nAA==\n--b--\n",
	"uuencode":        "Subject: x\n\nhello\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n",
	"large":           "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + wrap(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("hearth"), 20_001)), 76) + "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + wrap(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 100_000)), 60) + "\n--b--\n",
	"wide":            "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nhello\n", 350) + "--b--\n",
}

func wrap(s string, width int) string {
	var b strings.Builder
	for line := range slices.Chunk([]byte(s), width) {
		fmt.Fprintf(&b, "%s\n", line)
	}
	return b.String()
}

// desk is an account whose mail lies on a Dovecot.
type desk struct {
	t   *testing.T
	set *account.Set
}

func openDesk(t *testing.T) *desk {
	db, err := database.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for room, steps := range map[string][]string{"account": account.Schema, "outbox": outbox.Schema} {
		if err := database.Migrate(t.Context(), db, room, steps); err != nil {
			t.Fatal(err)
		}
	}
	srv := dovecot.Start(t, dovecot.Options{})
	a, err := account.Open(t.Context(), account.Config{
		ID: "a", Name: "Ada", Address: "ada@hearth.test", DB: db, Dir: t.TempDir(), Sender: sender{}, Log: slog.New(slog.DiscardHandler),
		Store: imapstore.New(imapstore.Config{Server: srv.IMAP("ada", upstream.TLS), Password: dovecot.Password, Dialer: srv.Dialer}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return &desk{t, account.NewSet(a)}
}

// call makes one call and reads its answer.
func (d *desk) call(name, args string, answer any) {
	d.t.Helper()
	in := jmap.Invocation{Name: name, Args: json.RawMessage(args), CallID: "c"}
	resp, err := d.set.Call(d.t.Context(), &jmap.Request{Using: using, MethodCalls: []jmap.Invocation{in}})
	if err != nil {
		d.t.Fatal(err)
	}
	if got := resp.MethodResponses[0]; got.Name != name {
		d.t.Fatalf("%s %s: %s", name, args, got.Args)
	}
	if err := json.Unmarshal(resp.MethodResponses[0].Args, answer); err != nil {
		d.t.Fatal(err)
	}
}

// file uploads a message and imports it into INBOX.
func (d *desk) file(raw []byte) jmap.Email {
	d.t.Helper()
	up, err := d.set.Upload(d.t.Context(), "a", "message/rfc822", bytes.NewReader(raw))
	if err != nil {
		d.t.Fatal(err)
	}
	var answer struct{ Created map[string]jmap.Email }
	d.call("Email/import", `{"accountId":"a","emails":{"k":{"blobId":"`+string(up.BlobId)+`","mailboxIds":{"m1":true}}}}`, &answer)
	return answer.Created["k"]
}

func (d *desk) download(blob jmap.Id) []byte {
	d.t.Helper()
	_, open, err := d.set.Download(d.t.Context(), "a", blob)
	if err != nil {
		d.t.Errorf("download of %s: %v", blob, err)
		return nil
	}
	body, err := open(d.t.Context(), 0)
	if err != nil {
		d.t.Fatal(err)
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

const whatToShow = `"properties":["textBody","htmlBody","attachments","bodyStructure","bodyValues","hasAttachment","headers"],` +
	`"bodyProperties":["partId","blobId","size","type","name","disposition","cid","subParts"],"fetchAllBodyValues":true`

// TestServerAndParserAgree: a message is the same whether the mail server took it apart
// or we did, its text is found, and every size is that of the download.
func TestServerAndParserAgree(t *testing.T) {
	d := openDesk(t)
	var boxes jmap.GetResponse[jmap.Mailbox]
	d.call("Mailbox/get", `{"accountId":"a"}`, &boxes)
	for name, text := range letters {
		t.Run(name, func(t *testing.T) {
			d := &desk{t, d.set}
			raw := crlf([]byte(text))
			email := d.file(raw)
			if got := d.download(email.BlobId); !bytes.Equal(got, raw) {
				t.Errorf("the message is %q", got)
			}
			var got jmap.GetResponse[jmap.Email]
			d.call("Email/get", `{"accountId":"a","ids":["`+string(email.Id)+`"],`+whatToShow+`}`, &got)
			var parsed struct{ Parsed map[jmap.Id]jmap.Email }
			d.call("Email/parse", `{"accountId":"a","blobIds":["`+string(email.BlobId)+`"],`+whatToShow+`}`, &parsed)
			a, b := got.List[0], parsed.Parsed[email.BlobId]
			d.checkSizes(a)
			d.checkSizes(b)
			if len(a.TextBody) == 0 || !strings.Contains(a.BodyValues[a.TextBody[0].PartId].Value, "hello") {
				t.Errorf("the text is lost: %+v", a)
			}
			if one, other := told(a), told(b); one != other {
				t.Errorf("the server says\n%s\nwe say\n%s", one, other)
			}
		})
	}
}

func (d *desk) checkSizes(e jmap.Email) {
	d.t.Helper()
	for _, p := range slices.Concat(e.TextBody, e.HtmlBody, e.Attachments) {
		if n := len(d.download(p.BlobId)); int64(n) != p.Size {
			d.t.Errorf("part %s of %d octets is said to have %d", p.PartId, n, p.Size)
		}
	}
}

// told is what a client is told of a message, but for ids and sizes.
func told(e jmap.Email) string {
	var forget func(parts []jmap.EmailBodyPart)
	forget = func(parts []jmap.EmailBodyPart) {
		for i := range parts {
			parts[i].BlobId, parts[i].Size = "", 0
			forget(parts[i].SubParts)
		}
	}
	structure := []jmap.EmailBodyPart{*e.BodyStructure}
	for _, list := range [][]jmap.EmailBodyPart{e.TextBody, e.HtmlBody, e.Attachments, structure} {
		forget(list)
	}
	e.Id, e.BodyStructure = "", &structure[0]
	raw, _ := json.MarshalIndent(e, "", " ")
	return string(raw)
}
