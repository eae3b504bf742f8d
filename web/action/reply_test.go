package action

import "testing"

func TestReply(t *testing.T) {
	for reply, want := range map[string]string{
		"550 5.1.1 nobody":       "There is no such address (550 5.1.1 nobody)",
		"452 4.2.2 over quota":   "This mailbox is full (452 4.2.2 over quota)",
		"550 5.7.26 DMARC":       "The server does not believe that the message is yours (550 5.7.26 DMARC)",
		"550 no such user":       "550 no such user",
		"550 5.99.1 what":        "550 5.99.1 what",
		"250 2.1.1 fine":         "250 2.1.1 fine",
		"451 4.4.1 server: down": "The server does not answer (451 4.4.1 server: down)",
		"":                       "",
		"550":                    "550",
		"550 5":                  "550 5",
	} {
		if got := Reply(reply); got != want {
			t.Errorf("%q is %q, want %q", reply, got, want)
		}
	}
}
