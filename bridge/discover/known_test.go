package discover

import (
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// TestKnown: large providers are known without asking anybody, each domain once, with servers
// that make sense; what the administrator says counts before that.
func TestKnown(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range known {
		for _, server := range []*upstream.Server{p.IMAP, p.SMTP, p.POP3} {
			if server == nil {
				continue
			}
			with := *server
			with.User = "ada"
			if err := with.Validate(); err != nil || server.Security == upstream.None {
				t.Errorf("%s: %v", server.Addr(), err)
			}
		}
		for _, d := range p.Domains {
			if seen[d] {
				t.Errorf("%s is there twice", d)
			}
			seen[d] = true
		}
	}
	r, err := (&Finder{}).Find(t.Context(), "ada@gmail.com")
	if err != nil || r.IMAP.Host != "imap.gmail.com" || r.IMAP.User != "ada@gmail.com" || r.POP3.Port != 995 {
		t.Errorf("%+v, %v", r, err)
	}
	own := &upstream.Server{Host: "mail.home.test", Port: 993, Security: upstream.TLS}
	r, err = (&Finder{Providers: []Provider{{Domains: []string{"gmail.com"}, IMAP: own, SMTP: own}}}).Find(t.Context(), "ada@gmail.com")
	if err != nil || r.IMAP.Host != own.Host {
		t.Errorf("%+v, %v", r, err)
	}
}
