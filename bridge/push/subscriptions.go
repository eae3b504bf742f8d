package push

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/url"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// longest is how long a subscription lasts before its client has to prolong it: a
	// client that does not come back is told nothing after that (RFC 8620 §7.2 wants at
	// least two days).
	longest = 7 * 24 * time.Hour
	// maxEach is how many subscriptions a credential may have, and maxHourly how many it
	// may make in an hour: each is a request to a server of the client's choice.
	maxEach   = 20
	maxHourly = 60
	maxURL    = 2000
	maxDevice = 255
)

// Subscriptions is the push subscriptions of one credential.
type Subscriptions struct {
	s          *Service
	credential string
	mail       Mail
}

// List gives the subscriptions that have not expired.
func (u *Subscriptions) List(ctx context.Context) ([]jmap.PushSubscription, error) {
	subs, err := u.s.find(ctx, `credential = ?`, u.credential)
	out := make([]jmap.PushSubscription, len(subs))
	for i := range subs {
		out[i] = subs[i].shown()
	}
	return out, err
}

// Create keeps a subscription and posts its verification code. What is wrong with it is a
// *jmap.SetError.
func (u *Subscriptions) Create(ctx context.Context, want jmap.PushSubscription) (jmap.PushSubscription, error) {
	sub, err := newSubscription(want)
	if err != nil {
		return jmap.PushSubscription{}, err
	}
	have, err := u.s.find(ctx, `credential = ?`, u.credential)
	if err != nil {
		return jmap.PushSubscription{}, err
	}
	if len(have) >= maxEach {
		return jmap.PushSubscription{}, &jmap.SetError{Type: jmap.SetOverQuota, Description: "there are too many push subscriptions: destroy those no longer used"}
	}
	if !u.s.mayMake(u.credential) {
		return jmap.PushSubscription{}, &jmap.SetError{Type: jmap.SetRateLimit}
	}
	sub.id = jmap.Id("p" + strings.ToLower(rand.Text()))
	sub.credential = u.credential
	sub.code = rand.Text()
	sub.expires = u.s.until(want.Expires)
	if err := u.s.add(ctx, sub); err != nil {
		return jmap.PushSubscription{}, err
	}
	u.s.verify(sub)
	return sub.shown(), nil
}

// newSubscription checks what a client sent.
func newSubscription(want jmap.PushSubscription) (*subscription, error) {
	invalid := func(property, why string) error {
		return &jmap.SetError{Type: jmap.SetInvalidProperties, Description: why, Properties: []string{property}}
	}
	if want.DeviceClientId == "" || len(want.DeviceClientId) > maxDevice {
		return nil, invalid("deviceClientId", "deviceClientId names the client and the device")
	}
	at, err := url.Parse(want.URL)
	if err != nil || at.Scheme != "https" || at.Hostname() == "" || at.User != nil || at.Fragment != "" || len(want.URL) > maxURL {
		return nil, invalid("url", "the url must be one of https")
	}
	sub := &subscription{device: want.DeviceClientId, url: at.String(), types: want.Types}
	if want.Keys != nil {
		if _, err := parseKeys(*want.Keys); err != nil {
			return nil, invalid("keys", "p256dh is a point of P-256 and auth has 16 octets, both in base64url")
		}
		sub.keys = *want.Keys
	}
	return sub, nil
}

// until is when a subscription expires whose client asked for a time.
func (s *Service) until(asked *time.Time) time.Time {
	last := time.Now().Add(longest).Truncate(time.Second).UTC()
	if asked == nil || asked.After(last) {
		return last
	}
	return asked.Truncate(time.Second).UTC()
}

// mayMake counts a subscription that is to be made; false when there were too many.
func (s *Service) mayMake(credential string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	recent := s.made[credential]
	for len(recent) > 0 && now.Sub(recent[0]) > time.Hour {
		recent = recent[1:]
	}
	if len(recent) >= maxHourly {
		return false
	}
	s.made[credential] = append(recent, now)
	return true
}

// Update changes expires and types, and takes the verification code. It gives the
// subscription as it is then; what is wrong is a *jmap.SetError.
func (u *Subscriptions) Update(ctx context.Context, want jmap.PushSubscription) (jmap.PushSubscription, error) {
	sub, err := u.own(ctx, want.Id)
	if err != nil {
		return jmap.PushSubscription{}, err
	}
	if want.VerificationCode != "" && subtle.ConstantTimeCompare([]byte(want.VerificationCode), []byte(sub.code)) == 0 {
		return jmap.PushSubscription{}, &jmap.SetError{
			Type: jmap.SetInvalidProperties, Properties: []string{"verificationCode"},
			Description: "this is not the code that was posted to the url",
		}
	}
	sub.verified = sub.verified || want.VerificationCode != ""
	sub.types = want.Types
	if want.Expires == nil || !want.Expires.Equal(sub.expires) {
		sub.expires = u.s.until(want.Expires)
	}
	if err := u.s.change(ctx, sub); err != nil {
		return jmap.PushSubscription{}, err
	}
	if sub.verified {
		u.s.mu.Lock()
		u.s.owners[u.credential] = true
		u.s.mu.Unlock()
		u.listen() //nolint:contextcheck // it goes on after this request
	}
	return sub.shown(), nil
}

// Destroy ends a subscription.
func (u *Subscriptions) Destroy(ctx context.Context, id jmap.Id) error {
	n, err := u.s.remove(ctx, `id = ? AND credential = ?`, id, u.credential)
	if err == nil && n == 0 {
		err = &jmap.SetError{Type: jmap.SetNotFound}
	}
	return err
}

// own gives a subscription of this credential.
func (u *Subscriptions) own(ctx context.Context, id jmap.Id) (*subscription, error) {
	found, err := u.s.find(ctx, `id = ? AND credential = ?`, id, u.credential)
	if err == nil && len(found) == 0 {
		err = &jmap.SetError{Type: jmap.SetNotFound}
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}
