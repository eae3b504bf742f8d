package dialer

import (
	"net/netip"
	"strings"
)

// parseLiteral reads an IP address in its one canonical spelling: "127.1",
// "0177.0.0.1" and "::FFFF:7f00:1" are none.
func parseLiteral(host string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(host)
	return addr, err == nil && addr.String() == host
}

// isName reports whether host is a DNS name that no resolver can take for an
// address: letters, digits, hyphens and underscores in labels of 1 to 63 octets
// (RFC 1123 §2.1), at most 253 in all (RFC 1035 §2.3.4), and a last label that is
// not a number, because some resolvers read "127.1" and "0x7f000001" as IPv4.
// Underscores are for the names of containers.
func isName(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return false
		}
	}
	return !isNumber(labels[len(labels)-1])
}

func isLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, c := range []byte(label) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// isNumber reports whether a label is decimal, octal or hexadecimal digits.
func isNumber(label string) bool {
	label = strings.ToLower(label)
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
