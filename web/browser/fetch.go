package browser

import (
	"encoding/json"
	"strconv"
)

// Problem is a refusal of the bridge in words for people (RFC 7807).
type Problem struct {
	Type       string `json:"type"` // what it is known by, whatever the language; "": nothing of the bridge's
	Status     int    `json:"status"`
	Title      string `json:"title"`
	Detail     string `json:"detail"` // a server's own words: text, never markup
	Field      string `json:"field"`  // where it can be mended
	Server     string `json:"server"` // host:port
	Domain     string `json:"domain"`
	Provider   string `json:"provider"`
	Kind       string `json:"kind"` // what the server did
	RetryAfter int    `json:"retryAfter"`
}

func (p *Problem) Error() string { return p.Title }

// Temporary reports whether the same may work later.
func (p *Problem) Temporary() bool { return p.Status >= 500 || p.Status == tooMany }

const tooMany = 429 // requests (RFC 6585 §4)

// refusal makes an error of an answer that is not a success.
func refusal(status int, body string) error {
	p := &Problem{}
	if json.Unmarshal([]byte(body), p) != nil || p.Title == "" {
		p.Title = "The bridge answered with error " + strconv.Itoa(status) + "."
	}
	p.Status = status
	return p
}
