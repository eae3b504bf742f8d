package action

import (
	"strings"

	"github.com/hearthmail/hearthmail/web/words"
)

// replyWords is what enhanced status codes mean (RFC 3463), by what follows the class.
var replyWords = map[string]words.Text{
	"1.1":  words.Mark("There is no such address"),
	"1.2":  words.Mark("There is no such domain"),
	"1.3":  words.Mark("This is not a valid address"),
	"1.6":  words.Mark("This address has moved"),
	"1.10": words.Mark("This domain takes no mail"), // RFC 7505 §4.2
	"2.1":  words.Mark("This mailbox is closed"),
	"2.2":  words.Mark("This mailbox is full"),
	"2.3":  words.Mark("The message is too large for this mailbox"),
	"3.1":  words.Mark("The server has no room left"),
	"3.2":  words.Mark("The server takes no mail right now"),
	"3.4":  words.Mark("The message is too large for the server"),
	"4.1":  words.Mark("The server does not answer"),
	"4.4":  words.Mark("There is no way to the server"),
	"4.7":  words.Mark("It took too long to deliver the message"),
	"7.1":  words.Mark("The server does not allow it"),
	"7.23": words.Mark("The server does not believe that the message is yours"), // RFC 7372 §3.2
	"7.25": words.Mark("The server does not believe that the message is yours"),
	"7.26": words.Mark("The server does not believe that the message is yours"),
}

// Reply says what a server's reply to a message means, "550 5.1.1 nobody", in words for
// people and then in its own.
func Reply(reply string) string {
	_, rest, _ := strings.Cut(reply, " ")
	code, _, _ := strings.Cut(rest, " ")
	class, detail, ok := strings.Cut(code, ".")
	text, known := replyWords[detail]
	if !ok || !known || class != "4" && class != "5" {
		return reply
	}
	return words.T("{reason} ({detail})", text.String(), reply)
}
