package smtpsend

import (
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// maxReplyText is how much of a server's words is kept, in octets.
const maxReplyText = 1000

// parseReply reads the lines of one reply (RFC 5321 §4.2), each "250-text" or
// "250 text", and the enhanced status code that may begin them (RFC 2034 §4).
// What is no reply has Code 0.
func parseReply(lines []string) upstream.Reply {
	if len(lines) == 0 {
		return upstream.Reply{}
	}
	code, _ := cutCode(lines[0])
	reply := upstream.Reply{}
	reply.Code, _ = strconv.Atoi(code)
	texts := make([]string, len(lines))
	for i, line := range lines {
		text := line
		if c, rest := cutCode(line); c == code {
			text = rest
		}
		if enhanced, rest := cutEnhanced(text); enhanced != "" && (i == 0 || enhanced == reply.Enhanced) {
			reply.Enhanced, text = enhanced, rest
		}
		texts[i] = text
	}
	text := strings.Join(texts, "\n")
	reply.Text = strings.ToValidUTF8(text[:min(len(text), maxReplyText)], "")
	return reply
}

// cutCode splits "250-text" into "250" and "text".
func cutCode(line string) (code, text string) {
	if len(line) < 3 || strings.Trim(line[:3], "0123456789") != "" || line[0] == '0' {
		return "", line
	}
	if len(line) == 3 {
		return line, ""
	}
	if line[3] != ' ' && line[3] != '-' {
		return "", line
	}
	return line[:3], line[4:]
}

// cutEnhanced splits "5.1.1 text" into "5.1.1" and "text" (RFC 3463 §2).
func cutEnhanced(text string) (enhanced, rest string) {
	enhanced, rest, _ = strings.Cut(text, " ")
	parts := strings.Split(enhanced, ".")
	if len(parts) != 3 || parts[0] != "2" && parts[0] != "4" && parts[0] != "5" {
		return "", text
	}
	for _, part := range parts[1:] {
		if part == "" || len(part) > 3 || strings.Trim(part, "0123456789") != "" {
			return "", text
		}
	}
	return enhanced, rest
}
