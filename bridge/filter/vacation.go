package filter

import (
	"bytes"
	"encoding/json"
	"mime/quotedprintable"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// VacationScript is the name of the script that replies.
	VacationScript = "hearthmail-vacation"
	// MainScript is that of the one that includes it where there was none before.
	MainScript = "hearthmail"
)

const (
	// days is how long nobody is answered twice; RFC 5230 §4.1 has it so by default.
	days = 7
	// boundary cannot be in a body that is quoted-printable (RFC 2045 §6.7).
	boundary = "=_hearthmail"
	// objectComment begins the line that keeps the object itself, so that nothing of
	// it is lost.
	objectComment = "# hearthmail-vacation: "
	// defaultBody is sent where the person wrote none (RFC 8621 §8).
	defaultBody = "I am away at the moment and will read your message when I am back."
)

// VacationExtensions is what the script for an automatic reply must require.
func VacationExtensions(v *jmap.VacationResponse) []string {
	if v.FromDate != nil || v.ToDate != nil {
		return []string{"vacation", "date", "relational"}
	}
	return []string{"vacation"}
}

// Vacation writes the script that makes an automatic reply (RFC 5230, 5260). addresses
// are the person's, to which mail may have come. When it is not enabled the script
// does nothing but keep it.
func Vacation(v *jmap.VacationResponse, addresses []string) (string, error) {
	object, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	head := "# The automatic reply set in Hearthmail. Change it there: this is written anew each time.\r\n" +
		objectComment + string(object) + "\r\n"
	if !v.IsEnabled {
		return head, nil
	}
	reply := string(vacationCommand(v, addresses))
	if tests := dateTests(v); len(tests) > 0 {
		reply = string(command("if", test("allof", tests...))) + " {\r\n" + reply + "}\r\n"
	}
	return head + string(command("require", list(VacationExtensions(v)))) + ";\r\n\r\n" + reply, nil
}

func vacationCommand(v *jmap.VacationResponse, addresses []string) expression {
	args := []expression{tag("days"), number(days)}
	if v.Subject != nil && *v.Subject != "" {
		args = append(args, tag("subject"), quoted(*v.Subject))
	}
	if len(addresses) > 0 {
		args = append(args, tag("addresses"), list(addresses))
	}
	if v.HtmlBody != nil && *v.HtmlBody != "" {
		args = append(args, tag("mime"), text(mimeBody(v)))
	} else {
		args = append(args, text(plainBody(v)))
	}
	return command("vacation", args...) + ";\r\n"
}

// dateTests compare the moment of delivery, in UTC, with the dates as text. Without a
// zone the bound is the shorter text, so that the very second counts as after it.
func dateTests(v *jmap.VacationResponse) []expression {
	var tests []expression
	compare := func(relation string, t *time.Time) {
		if t != nil {
			tests = append(tests, command("currentdate", tag("zone"), quoted("+0000"), tag("value"), quoted(relation),
				quoted("iso8601"), quoted(t.UTC().Format("2006-01-02T15:04:05"))))
		}
	}
	compare("ge", v.FromDate)
	compare("lt", v.ToDate)
	return tests
}

func plainBody(v *jmap.VacationResponse) string {
	switch {
	case v.TextBody != nil && *v.TextBody != "":
		return *v.TextBody
	case v.HtmlBody != nil && *v.HtmlBody != "":
		return plainText(*v.HtmlBody)
	}
	return defaultBody
}

// mimeBody is both bodies as one entity (RFC 5230 §4.4).
func mimeBody(v *jmap.VacationResponse) string {
	var b bytes.Buffer
	b.WriteString("Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n")
	for _, part := range []struct{ kind, body string }{{"plain", plainBody(v)}, {"html", *v.HtmlBody}} {
		b.WriteString("\r\n--" + boundary + "\r\nContent-Type: text/" + part.kind + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte(lineEnds(part.body))) // a bytes.Buffer takes all
		_ = w.Close()
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.String()
}

// ReadVacation gives the object that a script of Vacation keeps; false when it is none.
func ReadVacation(script string) (*jmap.VacationResponse, bool) {
	for line := range strings.Lines(script) {
		object, ok := strings.CutPrefix(line, objectComment)
		if !ok {
			continue
		}
		v := new(jmap.VacationResponse)
		if json.Unmarshal([]byte(object), v) != nil {
			return nil, false
		}
		v.Id = jmap.Singleton
		return v, true
	}
	return nil, false
}

// Main is a script that does nothing but include the automatic reply.
func Main() string {
	main, _ := Including("", VacationScript) // an empty script can be read
	return main
}
