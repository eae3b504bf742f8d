package screen

import (
	"encoding/json"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/mailinfo"
	"github.com/hearthmail/hearthmail/web/store"
	"github.com/hearthmail/hearthmail/web/words"
)

// verdict is what the account's provider found out about a message's sender.
func (s *Screen) verdict(m *jmap.Email) mailinfo.Verdict {
	a := s.account()
	var bridge struct {
		IncomingHost string `json:"incomingHost"`
	}
	_ = json.Unmarshal(s.session.Accounts[a.Id()].AccountCapabilities[jmap.CapabilityBridge], &bridge) // another server has none
	return mailinfo.ReadResults(m.AuthenticationResults, bridge.IncomingHost, a.Name())
}

func signedBy(v mailinfo.Verdict) string { return strings.Join(v.SignedBy, ", ") }

// verified says in words how far the sender was verified.
func verified(v mailinfo.Verdict) string {
	switch {
	case !v.Known:
		return words.T("Your mail provider says nothing about who sent this")
	case v.DMARC == "pass":
		return words.T("Yes: your mail provider confirms that the sender's domain sent this")
	case v.DMARC == "fail":
		return words.T("No: your mail provider found that the sender's domain did not send this")
	case v.DKIM == "pass":
		return words.T("Partly: it is signed, but the sender's domain does not vouch for it")
	case v.SPF == "pass":
		return words.T("Partly: the server may send for its domain, but the message is not signed")
	}
	return words.T("Not verified")
}

// people are those a sender can be mistaken for: the member, and whom they write to.
func (s *Screen) people(a *store.Account) (own, known mailinfo.People) {
	own, known = mailinfo.People{}, mailinfo.People{}
	mine := map[string]bool{}
	for _, account := range s.store.Accounts() {
		for _, i := range account.Identities() {
			own.Add(jmap.EmailAddress{Name: &i.Name, Email: i.Email})
			mine[strings.ToLower(i.Email)] = true
		}
		mine[strings.ToLower(account.Name())] = true
	}
	for address := range mine {
		own.AddAddress(address)
	}
	for _, p := range a.WrittenTo(func(address string) bool { return mine[strings.ToLower(address)] }) {
		if !mine[strings.ToLower(p.Email)] {
			known.Add(p)
		}
	}
	return own, known
}

// wordsFinding says what is doubtful about a sender, and how bad that is.
func wordsFinding(f mailinfo.Finding) (text string, bad bool) {
	switch f.Doubt {
	case mailinfo.Forged:
		return words.T("This message may be forged: your mail provider found that {domain} did not send it.", f.About), true
	case mailinfo.LooksLikeYou:
		return words.T("The sender is shown as you, but the message does not come from your address."), true
	case mailinfo.OtherAddress:
		return words.T("The sender's name shows the address {address}, but the message comes from another one.", f.About), true
	case mailinfo.LooksLikeKnown:
		return words.T("Somebody you write to has this name, with another address: {address}.", f.About), true
	case mailinfo.OddAddress:
		return words.T("The sender's address uses letters that are made to look like others."), true
	}
	return words.T("Answers go to another domain than the sender's: {domain}.", f.About), false
}
