package dialer

import (
	"fmt"
	"net/netip"
	"slices"
)

// mailPorts are the ports of mail: SMTP and submission, POP3, IMAP, ManageSieve.
var mailPorts = []uint16{25, 110, 143, 465, 587, 993, 995, 2525, 4190}

// webPorts are for HTTPClient only.
var webPorts = []uint16{443}

// check says why the bridge may not connect to addr, which is one of the
// addresses of host. What the administrator lists may be reached; else the port
// must be one of ports and the address one of the public internet.
func (d *Dialer) check(host string, addr netip.Addr, port uint16, ports []uint16) error {
	if d.Allow.contains(host, port) || d.Allow.contains(addr.String(), port) {
		return nil
	}
	if !slices.Contains(ports, port) {
		return fmt.Errorf("port %d is not one of %v and not in the allow list", port, ports)
	}
	if why := forbidden(addr); why != "" {
		return fmt.Errorf("%s is %s and not in the allow list", addr, why)
	}
	return nil
}

// forbidden says what addr is if it does not belong to the public internet, else
// "". Addresses that carry another one inside (mapped, NAT64, 6to4, Teredo) are
// refused whole: what they carry may be private.
func forbidden(addr netip.Addr) string {
	switch {
	case !addr.IsValid():
		return "no address"
	case addr.Zone() != "":
		return "an address of one network interface"
	case addr.Is4In6():
		return "IPv4-mapped"
	}
	for _, r := range reserved {
		if r.prefix.Contains(addr) {
			return r.what
		}
	}
	// RFC 4291 §2.4 and IANA: only 2000::/3 is handed out so far. This leaves out
	// ::/128, ::1, ::a.b.c.d, fc00::/7, fe80::/10, fec0::/10, ff00::/8,
	// 64:ff9b::/96, 64:ff9b:1::/48, 100::/64, 5f00::/16 and what nobody has yet.
	if addr.Is6() && !globalUnicast.Contains(addr) {
		return "not a public IPv6 address"
	}
	return ""
}

var globalUnicast = netip.MustParsePrefix("2000::/3")

// reserved are the parts of IPv4 and of 2000::/3 that are not public: the IANA
// special-purpose registries (RFC 6890) and what else leads inside.
var reserved = []struct {
	prefix netip.Prefix
	what   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this host (RFC 1122)"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private (RFC 1918)"},
	{netip.MustParsePrefix("100.64.0.0/10"), "a provider's inner network (RFC 6598)"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback (RFC 1122)"},
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud's inner service"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local (RFC 3927)"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private (RFC 1918)"},
	{netip.MustParsePrefix("192.0.0.0/24"), "for protocols (RFC 6890)"},
	{netip.MustParsePrefix("192.0.2.0/24"), "for documentation (RFC 5737)"},
	{netip.MustParsePrefix("192.88.99.0/24"), "a 6to4 relay (RFC 7526)"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private (RFC 1918)"},
	{netip.MustParsePrefix("198.18.0.0/15"), "for benchmarks (RFC 2544)"},
	{netip.MustParsePrefix("198.51.100.0/24"), "for documentation (RFC 5737)"},
	{netip.MustParsePrefix("203.0.113.0/24"), "for documentation (RFC 5737)"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast (RFC 5771)"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved or broadcast (RFC 1112, 919)"},
	{netip.MustParsePrefix("2001::/23"), "for protocols, Teredo among them (RFC 2928, 4380)"},
	{netip.MustParsePrefix("2001:db8::/32"), "for documentation (RFC 3849)"},
	{netip.MustParsePrefix("2002::/16"), "6to4 (RFC 3056)"},
	{netip.MustParsePrefix("3fff::/20"), "for documentation (RFC 9637)"},
}
