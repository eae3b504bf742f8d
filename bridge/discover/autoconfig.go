package discover

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// inAutoconfig asks the domain's web server, which names the servers and the user
// name ("Mail Autoconfig", the format of Thunderbird).
func (s *search) inAutoconfig(p *protocol) try {
	return func(ctx context.Context) (found, error) {
		select {
		case <-s.fetched:
		case <-ctx.Done():
			return found{}, ctx.Err()
		}
		config, err := s.autoconfig.value, s.autoconfig.err
		if err != nil {
			return found{}, err
		}
		var candidates []try
		for _, f := range config.servers(p, s) {
			candidates = append(candidates, s.candidate(p, f))
		}
		if len(candidates) == 0 {
			return found{}, errors.New("autoconfig names no " + p.name + " server that we can use")
		}
		return pick(ctx, s.late, candidates...)
	}
}

// fetchAutoconfig reads the file from one of the two places the domain controls,
// the first if both have it; over https only, for what it says is believed.
func (s *search) fetchAutoconfig(ctx context.Context) (*clientConfig, error) {
	client := s.finder.Dialer.HTTPClient()
	at := func(place string) func(context.Context) (*clientConfig, error) {
		return func(ctx context.Context) (*clientConfig, error) { return fetch(ctx, client, place) }
	}
	return pick(ctx, s.late,
		at("https://autoconfig."+s.domain+"/mail/config-v1.1.xml?emailaddress="+url.QueryEscape(s.address)),
		at("https://"+s.domain+"/.well-known/autoconfig/mail/config-v1.1.xml"),
	)
}

func fetch(ctx context.Context, client *http.Client, place string) (*clientConfig, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "Hearthmail")
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", place, resp.Status)
	}
	return parseClientConfig(resp.Body)
}
