package dialer

import (
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

func TestAllowList(t *testing.T) {
	list, err := ParseAllowList([]string{
		"192.168.1.10:993", "127.0.0.1:*", "NAS.local:143", " [::1]:993 ", "[fd00::25]:*", "mail.example.org:8143",
	})
	if err != nil {
		t.Fatal(err)
	}
	resolver := &names{answers: map[string][]string{
		"nas.local":          {"10.9.9.9"},
		"by-ip.example.org":  {"192.168.1.10"},
		"mixed.example.org":  {"192.168.1.10", "192.168.1.11"},
		"public.example.org": {"93.184.215.14", "192.168.1.10"},
		"mail.example.org":   {"93.184.215.14"},
	}}
	for _, c := range []struct {
		host    string
		port    int
		allowed bool
	}{
		{"192.168.1.10", 993, true},
		{"192.168.1.10", 143, false},
		{"192.168.1.11", 993, false},
		{"127.0.0.1", 25, true},
		{"127.0.0.1", 31337, true},
		{"127.0.0.2", 993, false},
		{"nas.local", 143, true},
		{"nas.local", 993, false},
		{"10.9.9.9", 143, false}, // only the name is listed
		{"::1", 993, true},
		{"::1", 143, false},
		{"fd00::25", 31337, true},
		{"fd00::26", 25, false},
		{"::ffff:127.0.0.1", 993, false},
		{"by-ip.example.org", 993, true},
		{"by-ip.example.org", 143, false},
		{"mixed.example.org", 993, false},
		{"public.example.org", 993, true},
		{"mail.example.org", 8143, true},
		{"mail.example.org", 8144, false},
	} {
		network := &counter{}
		d := &Dialer{Allow: list, Resolver: resolver, connect: network.connect}
		conn, err := d.Dial(t.Context(), server(c.host, c.port))
		if err == nil {
			_ = conn.Close()
		} else if upstream.KindOf(err) != upstream.KindPolicy {
			t.Errorf("%s port %d: %v", c.host, c.port, err)
		}
		if (err == nil) != c.allowed || (len(network.to) > 0) != c.allowed {
			t.Errorf("%s port %d: %v, connected to %v, want allowed %v", c.host, c.port, err, network.to, c.allowed)
		}
	}
}

func TestAllowListErrors(t *testing.T) {
	for entry, want := range map[string]string{
		"":                   "want host:port",
		"nas.local":          "want host:port",
		"::1:993":            "want host:port",
		"127.0.0.1:":         `port ""`,
		"127.0.0.1:0":        `port "0"`,
		"127.0.0.1:65536":    `port "65536"`,
		"127.0.0.1:imap":     `port "imap"`,
		"127.1:993":          `"127.1" is neither`,
		"192.168.1.0/24:993": `"192.168.1.0/24" is neither`,
		"*:993":              `"*" is neither`,
		":993":               `"" is neither`,
		"[fe80::1%eth0]:*":   "", // a link-local address needs its interface
	} {
		_, err := ParseAllowList([]string{entry})
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", entry, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q in it", entry, err, want)
		}
	}
}
