package screen

import (
	"github.com/hearthmail/hearthmail/web/browser"
	"github.com/hearthmail/hearthmail/web/words"
)

// problems are what the bridge refuses, by type.
var problems = map[string]words.Text{
	"address":      words.Mark("Enter your whole mail address, such as ada@example.org."),
	"password":     words.Mark("Enter your password."),
	"tooManyWrong": words.Mark("Too many wrong passwords. Wait a little before you try again."),
	"notAllowed":   words.Mark("This address may not sign in here. Ask whoever runs this Hearthmail."),
	"bridgeFailed": words.Mark("Something went wrong in the bridge."),
}

// serverProblems are what mail servers do wrong, by kind, and what to do about it.
var serverProblems = map[string]words.Text{
	"policy":      words.Mark("{server} cannot be used: the bridge may only reach public mail servers and those its owner allows."),
	"resolve":     words.Mark("{server} was not found. Check the server's name."),
	"connect":     words.Mark("{server} does not answer. Check the server's name and port."),
	"timeout":     words.Mark("{server} did not answer in time. The server may be down, or the port or encryption may be another."),
	"tls":         words.Mark("{server} does not speak TLS as expected. Check the port and the kind of encryption."),
	"noSTARTTLS":  words.Mark("{server} does not offer STARTTLS, so your password was not sent. Try TLS instead."),
	"protocol":    words.Mark("{server} does not answer like a mail server. Check the port and the kind of encryption."),
	"auth":        words.Mark("{server} refused the password."),
	"noAuth":      words.Mark("{server} offers no way of signing in that the bridge knows. Try another kind of encryption."),
	"limit":       words.Mark("{server} allows no more connections right now. Try again in a few minutes."),
	"unavailable": words.Mark("{server} is not available right now. Try again in a few minutes."),
	"overQuota":   words.Mark("{server} says that the mailbox is full."),
	"lost":        words.Mark("{server} hung up. Try again in a moment."),
	"refused":     words.Mark("{server} refused."),
}

// problemWords says what the bridge refused. What the app has no words for is in those of
// the bridge, which are English; what a server said is quoted.
func problemWords(p *browser.Problem) string {
	text := p.Title
	switch known, ok := problems[p.Type]; {
	case ok:
		text = known.String()
	case p.Type == "":
		text = words.T("The bridge answered with error {number}.", words.Number(p.Status))
	case p.Type == "serversNotFound":
		text = words.T("The mail servers of {domain} could not be found. Enter them under Server settings.", p.Domain)
	case p.Type == "signInWith":
		text = words.T("{provider} takes no passwords. Sign in with another account of yours, and add this one under Settings, Accounts.", p.Provider)
	case p.Type == "mailServer":
		if known, ok := serverProblems[p.Kind]; ok {
			text = known.Fill(p.Server)
		}
	}
	if p.Detail != "" {
		text = words.T("{problem} The server said: “{words}”.", text, p.Detail)
	}
	if p.RetryAfter > 0 {
		text = words.N(p.RetryAfter, "{problem} ({n} s)", "{problem} ({n} s)", text)
	}
	return text
}
