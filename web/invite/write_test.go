package invite_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hearthmail/hearthmail/web/invite"
)

// TestCardsComeBack: what is written is read again, in lines that programs take.
func TestCardsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zé日;,\\ :]{0,80}[a-z]`)
		var cards []invite.Card
		for range rapid.IntRange(1, 4).Draw(t, "cards") {
			cards = append(cards, invite.Card{Name: strings.TrimSpace(word.Draw(t, "name")), Emails: []string{rapid.StringMatching(`[a-z]{1,80}@x\.org`).Draw(t, "email")}})
		}
		text := invite.WriteCards(cards)
		for line := range strings.SplitSeq(text, "\r\n") {
			if len(line) > 75 {
				t.Fatalf("%d octets: %q", len(line), line)
			}
		}
		got := invite.ParseCards(text, 10)
		if !slices.EqualFunc(got, cards, func(x, y invite.Card) bool { return x.Name == y.Name && slices.Equal(x.Emails, y.Emails) }) {
			t.Fatalf("%+v became %q, then %+v", cards, text, got)
		}
	})
}
