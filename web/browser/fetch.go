package browser

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Problem is a refusal of the bridge in words for people (RFC 7807).
type Problem struct {
	Status     int    `json:"status"`
	Title      string `json:"title"`
	Detail     string `json:"detail"` // a server's own words: text, never markup
	Field      string `json:"field"`  // where it can be mended
	RetryAfter int    `json:"retryAfter"`
}

func (p *Problem) Error() string { return p.Title }

// refusal makes an error of an answer that is not a success.
func refusal(status int, body string) error {
	p := &Problem{}
	if json.Unmarshal([]byte(body), p) != nil || p.Title == "" {
		p.Title = fmt.Sprintf("The bridge answered with error %s.", strconv.Itoa(status))
	}
	p.Status = status
	return p
}
