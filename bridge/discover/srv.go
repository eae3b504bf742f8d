package discover

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// maxTargets is how many servers of one SRV name are tried.
const maxTargets = 3

// srvNames are the services of RFC 6186 §3 and RFC 8314 §5.1, the better first.
var srvNames = map[*protocol][]struct {
	service  string
	security upstream.Security
}{
	imapProtocol: {{"imaps", upstream.TLS}, {"imap", upstream.STARTTLS}},
	pop3Protocol: {{"pop3s", upstream.TLS}, {"pop3", upstream.STARTTLS}},
	smtpProtocol: {{"submissions", upstream.TLS}, {"submission", upstream.STARTTLS}},
}

// inSRV asks the DNS. Its answers are not authenticated: a target counts only
// after TLS with its own name, inside the domain or not (RFC 6186 §6).
func (s *search) inSRV(p *protocol) try {
	var tries []try
	for _, name := range srvNames[p] {
		tries = append(tries, func(ctx context.Context) (found, error) {
			targets, err := s.lookupSRV(ctx, name.service)
			if err != nil {
				return found{}, err
			}
			var candidates []try
			for _, target := range targets {
				host := strings.ToLower(strings.TrimSuffix(target.Target, "."))
				candidates = append(candidates, s.candidate(p, s.guess("srv", host, int(target.Port), name.security)))
			}
			return pick(ctx, s.late, candidates...)
		})
	}
	return func(ctx context.Context) (found, error) { return pick(ctx, s.late, tries...) }
}

// lookupSRV gives the targets of a service, by priority and weight (RFC 2782).
func (s *search) lookupSRV(ctx context.Context, service string) ([]*net.SRV, error) {
	var resolver Resolver = net.DefaultResolver
	if s.finder.Resolver != nil {
		resolver = s.finder.Resolver
	}
	// The dot at the end keeps the resolver's search list out.
	_, records, err := resolver.LookupSRV(ctx, service, "tcp", s.domain+".")
	if err != nil && len(records) == 0 {
		return nil, err
	}
	var targets []*net.SRV
	for _, r := range records {
		if r.Target != "." && r.Target != "" { // "." means that there is no such service
			targets = append(targets, r)
		}
	}
	if len(targets) == 0 {
		return nil, errors.New("the domain says it has no " + service)
	}
	return targets[:min(len(targets), maxTargets)], nil
}
