package dialer

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// AllowList is the host and port pairs that the administrator lets the bridge
// reach although the policy would not. The nil list is empty.
type AllowList struct {
	entries map[allowed]bool
}

// allowed is one entry; port 0 stands for every port.
type allowed struct {
	host string // lower case name, or canonical IP address
	port uint16
}

// ParseAllowList reads entries like "192.168.1.10:993", "[::1]:993",
// "nas.local:143" and "127.0.0.1:*". A name stands for whatever addresses it
// has when the bridge connects.
func ParseAllowList(entries []string) (*AllowList, error) {
	list := &AllowList{entries: make(map[allowed]bool, len(entries))}
	for _, entry := range entries {
		e, err := parseAllowed(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("allow list: %q: %w", entry, err)
		}
		list.entries[e] = true
	}
	return list, nil
}

func parseAllowed(entry string) (allowed, error) {
	host, port, err := net.SplitHostPort(entry)
	if err != nil {
		return allowed{}, fmt.Errorf(`want host:port or host:*, an IPv6 address in brackets: "[::1]:993"`)
	}
	e := allowed{host: strings.ToLower(host)}
	if _, ok := parseLiteral(e.host); !ok && !isName(e.host) {
		return allowed{}, fmt.Errorf("%q is neither a DNS name nor an IP address in its usual form", host)
	}
	if port == "*" {
		return e, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return allowed{}, fmt.Errorf("port %q is neither * nor between 1 and 65535", port)
	}
	e.port = uint16(n)
	return e, nil
}

func (l *AllowList) contains(host string, port uint16) bool {
	if l == nil {
		return false
	}
	host = strings.ToLower(host)
	return l.entries[allowed{host, port}] || l.entries[allowed{host, 0}]
}
