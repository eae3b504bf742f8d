package mailinfo

import "strings"

// Host is a host name as two of them are compared: in lower case, without a last dot.
func Host(name string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
}

// domainOf is what follows the @ of an address.
func domainOf(address string) string { return Host(address[strings.LastIndexByte(address, '@')+1:]) }

// Organization is the part of a host name that somebody registered, as near as can be told
// without a list of all registries: two labels, and three below names like co.uk.
func Organization(host string) string {
	labels := strings.Split(host, ".")
	n := 2
	if len(labels) > 2 && isSuffix(strings.Join(labels[len(labels)-2:], ".")) {
		n = 3
	}
	return strings.Join(labels[max(0, len(labels)-n):], ".")
}

// isSuffix reports whether a name of two labels looks like one that people register names
// below, such as co.uk or com.au.
func isSuffix(name string) bool {
	second, top, ok := strings.Cut(name, ".")
	if !ok || len(top) != 2 {
		return false
	}
	switch second {
	case "co", "com", "org", "net", "gov", "gob", "edu", "ac", "or", "ne", "go", "ltd", "plc", "me", "nom", "id", "school", "sch", "mil", "asso", "gouv":
		return true
	}
	return false
}
