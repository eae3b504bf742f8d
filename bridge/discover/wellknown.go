package discover

import "context"

// wellKnown tries the names that most domains use, those with implicit TLS first.
func (s *search) wellKnown(p *protocol) try {
	var tries []try
	for _, at := range p.ports {
		for _, host := range p.hosts {
			tries = append(tries, s.candidate(p, s.guess("wellknown", host+s.domain, at.port, at.security)))
		}
	}
	return func(ctx context.Context) (found, error) { return pick(ctx, s.late, tries...) }
}
