package draft

import "testing"

func TestFillIn(t *testing.T) {
	values := map[string]string{"first name": "Grace <3", "date": "1 Dec", "name": ""}
	for source, want := range map[string]string{
		"<div>Dear {first name},</div>":              "<div>Dear Grace &lt;3,</div>",
		"{First&nbsp;Name} and { date }":             "Grace &lt;3 and 1 Dec",
		"{name} {unknown} {date}":                    "{name} {unknown} 1 Dec",
		"an open { brace, and {{date}}":              "an open { brace, and {1 Dec}",
		"<style>a{b:c}</style>{":                     "<style>a{b:c}</style>{",
		"{fir<b>st name}</b>, {first\n name}, plain": "{fir<b>st name}</b>, Grace &lt;3, plain",
	} {
		if got := FillIn(source, values); got != want {
			t.Errorf("%q became %q, want %q", source, got, want)
		}
	}
}
