package message

import (
	"strings"

	"golang.org/x/net/idna"
)

// ASCIIAddress is an address with its domain as it is in the DNS (RFC 5890), for servers
// that take plain letters only. What stands before the @ has no such form: an address that
// has other letters there stays as it is.
func ASCIIAddress(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || isASCII(address) || !isASCII(address[:at]) {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if plain := address[:at+1] + domain; err == nil && ValidAddress(plain) == nil {
		return plain
	}
	return address
}
