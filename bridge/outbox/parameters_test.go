package outbox_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

func readParameters(t *testing.T, from, to string) (outbox.Parameters, error) {
	t.Helper()
	e := envelope("grace@hearth.test", "alan@hearth.test")
	for raw, at := range map[string]*map[string]*string{from: &e.MailFrom.Parameters, to: &e.RcptTo[1].Parameters} {
		if err := json.Unmarshal([]byte(raw), at); raw != "" && err != nil {
			t.Fatal(err)
		}
	}
	return outbox.ReadParameters(e)
}

func TestParameters(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     upstream.DSN
	}{
		{"", "", upstream.DSN{}},
		{`{"size": "12", "BODY": "8bitmime", "SMTPUTF8": null}`, "", upstream.DSN{}},
		{`{"RET": "full", "EnvId": "a b+c"}`, "", upstream.DSN{Return: "FULL", EnvelopeID: "a b+c"}},
		{"", `{"notify": "success,Delay", "ORCPT": "RFC822;g@hearth.test"}`, upstream.DSN{To: []upstream.RecipientDSN{{}, {Notify: []string{"SUCCESS", "DELAY"}, Original: "g@hearth.test"}}}},
		{"", `{"NOTIFY": "NEVER"}`, upstream.DSN{To: []upstream.RecipientDSN{{}, {Notify: []string{"NEVER"}}}}},
	} {
		if got, err := readParameters(t, c.from, c.to); err != nil || !reflect.DeepEqual(got.DSN, c.want) {
			t.Errorf("%s %s: %+v, %v", c.from, c.to, got, err)
		}
	}
	for _, c := range []struct{ from, to string }{
		{from: `{"BODY": "BINARYMIME"}`},
		{from: `{"RET": "ALL"}`},
		{from: `{"RET": null}`},
		{from: `{"ENVID": ""}`},
		{from: `{"ENVID": "a\r\nb"}`},
		{from: `{"ENVID": "ä"}`},
		{from: `{"ENVID": "` + strings.Repeat("x", 101) + `"}`},
		{from: `{"HOLDFOR": "-1"}`},
		{from: `{"HOLDFOR": "1.5"}`},
		{from: `{"HOLDFOR": "31622401"}`},
		{from: `{"HOLDFOR": null}`},
		{from: `{"HOLDUNTIL": "tomorrow"}`},
		{from: `{"HOLDUNTIL": "9999-01-01T00:00:00Z"}`},
		{from: `{"AUTH": "<>"}`},
		{from: `{"NOTIFY": "NEVER"}`},
		{to: `{"NOTIFY": ""}`},
		{to: `{"NOTIFY": "NEVER,SUCCESS"}`},
		{to: `{"NOTIFY": "SUCCESS,SUCCESS"}`},
		{to: `{"NOTIFY": "SUCCESS RET=FULL"}`},
		{to: `{"ORCPT": "g@hearth.test"}`},
		{to: `{"ORCPT": "rfc822;a\nb"}`},
		{to: `{"ORCPT": "x400;a"}`},
		{to: `{"RET": "FULL"}`},
	} {
		if got, err := readParameters(t, c.from, c.to); err == nil {
			t.Errorf("%s %s: %+v", c.from, c.to, got)
		}
	}
}

func TestSendAt(t *testing.T) {
	now := time.Now()
	for from, want := range map[string]time.Time{
		``:                                      now,
		`{"HOLDFOR": "0"}`:                      now,
		`{"HOLDFOR": "3600"}`:                   now.Add(time.Hour),
		`{"HOLDUNTIL": "2001-01-01T00:00:00Z"}`: now, // was long ago
		`{"HOLDUNTIL": "` + now.Add(2*time.Hour).In(time.FixedZone("", 3600)).Format(time.RFC3339) + `"}`: now.Add(2 * time.Hour),
	} {
		p, err := readParameters(t, from, "")
		if err != nil || !p.SendAt(now).Equal(want.Truncate(time.Second)) {
			t.Errorf("%s: %v, %v, want %v", from, p.SendAt(now), err, want)
		}
	}
}

// What is taken of an envelope can be written into a line of SMTP.
func FuzzParameters(f *testing.F) {
	f.Add("ENVID", "x", "NOTIFY", "NEVER")
	f.Add("RET", "FULL", "ORCPT", "rfc822;a")
	f.Fuzz(func(t *testing.T, name, value, toName, toValue string) {
		e := envelope("grace@hearth.test")
		e.MailFrom.Parameters = map[string]*string{name: &value}
		e.RcptTo[0].Parameters = map[string]*string{toName: &toValue}
		p, err := outbox.ReadParameters(e)
		if err != nil {
			return
		}
		said := []string{p.DSN.Return, p.DSN.EnvelopeID}
		for _, to := range p.DSN.To {
			said = append(append(said, to.Notify...), to.Original)
		}
		for _, s := range said {
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%q was taken", s)
			}
		}
		if p.Delay < 0 || p.Delay > outbox.MaxDelay {
			t.Errorf("a delay of %v", p.Delay)
		}
	})
}
