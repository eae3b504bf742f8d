package draft

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// ReadReport reads the part of a report that is for programs: what became of a message for
// each recipient (RFC 3464), or that it was read (RFC 8098). What is no report says nothing.
func ReadReport(text string) map[string]jmap.DeliveryStatus {
	var out map[string]jmap.DeliveryStatus
	for group := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		fields := reportFields(group)
		address := typed(fields["original-recipient"])
		if !ValidAddress(address) {
			address = typed(fields["final-recipient"])
		}
		status, known := reported(fields)
		if !known || !ValidAddress(address) {
			continue
		}
		if out == nil {
			out = map[string]jmap.DeliveryStatus{}
		}
		out[address] = status
	}
	return out
}

// reported is what the fields of one recipient say.
func reported(fields map[string]string) (s jmap.DeliveryStatus, known bool) {
	s = jmap.DeliveryStatus{Delivered: "unknown", Displayed: "unknown", SMTPReply: typed(fields["diagnostic-code"])}
	if s.SMTPReply == "" {
		s.SMTPReply = fields["status"]
	}
	if disposition, ok := fields["disposition"]; ok {
		_, kind, _ := strings.Cut(strings.ToLower(disposition), ";")
		kind, _, _ = strings.Cut(strings.TrimSpace(kind), "/")
		if kind == "displayed" {
			s.Delivered, s.Displayed = "yes", "yes"
		}
		return s, kind == "displayed"
	}
	switch strings.ToLower(fields["action"]) {
	case "delivered", "relayed", "expanded":
		s.Delivered = "yes"
	case "failed":
		s.Delivered = "no"
	case "delayed":
		s.Delivered = "queued"
	default:
		return s, false
	}
	return s, true
}

// reportFields are the fields of a group, by their names in small letters.
func reportFields(group string) map[string]string {
	fields := map[string]string{}
	last := ""
	for line := range strings.Lines(group) {
		line = strings.TrimRight(line, "\n")
		if last != "" && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
			fields[last] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if last = strings.ToLower(strings.TrimSpace(name)); !ok {
			last = ""
			continue
		}
		fields[last] = strings.TrimSpace(value)
	}
	return fields
}

// typed is the value of a field that begins with its type, "rfc822; ada@hearth.test".
func typed(value string) string {
	_, after, ok := strings.Cut(value, ";")
	if !ok {
		return ""
	}
	return strings.TrimSpace(after)
}
