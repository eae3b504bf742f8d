package draft

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func TestEnvelopeParameters(t *testing.T) {
	to := &jmap.Email{To: []jmap.EmailAddress{{Email: "grace@hearth.test"}}}
	for _, c := range []struct {
		hold   Hold
		report bool
		want   string
	}{
		{Hold{}, false, ""},
		{Hold{For: 11 * time.Second}, false, "HOLDFOR=11"},
		{Hold{Until: time.Date(2026, 12, 24, 19, 0, 0, 0, time.FixedZone("", 3600))}, false, "HOLDUNTIL=2026-12-24T18:00:00Z"},
		{Hold{For: time.Second}, true, "HOLDFOR=1 RET=HDRS NOTIFY=SUCCESS,FAILURE,DELAY"},
	} {
		e := Envelope(to, "ada@hearth.test", c.hold, c.report)
		var got []string
		for _, list := range []map[string]*string{e.MailFrom.Parameters, e.RcptTo[0].Parameters} {
			for _, name := range []string{"HOLDFOR", "HOLDUNTIL", "RET", "NOTIFY"} {
				if v := list[name]; v != nil {
					got = append(got, name+"="+*v)
				}
			}
		}
		if said := strings.Join(got, " "); said != c.want {
			t.Errorf("%q, want %q", said, c.want)
		}
	}
}

// TestEnvelopeGoesToAll: whoever is chosen gets the message, once, wherever and however often
// they stand; nobody else does.
func TestEnvelopeGoesToAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.SliceOfN(rapid.StringMatching(`[a-cA-C]{1,2}@[xyX]\.test`), 0, 8)
		headers := &jmap.Email{}
		chosen := map[string]bool{}
		for _, list := range []*[]jmap.EmailAddress{&headers.To, &headers.Cc, &headers.Bcc} {
			for _, address := range people.Draw(t, "people") {
				*list = append(*list, jmap.EmailAddress{Email: address})
				chosen[strings.ToLower(address)] = true
			}
		}
		var got []string
		for _, r := range Envelope(headers, "ada@hearth.test", Hold{}, false).RcptTo {
			address := strings.ToLower(r.Email)
			if !chosen[address] || slices.Contains(got, address) {
				t.Errorf("%s of %v", r.Email, chosen)
			}
			got = append(got, address)
		}
		if len(got) != len(chosen) {
			t.Errorf("%v of %v", got, chosen)
		}
	})
}
