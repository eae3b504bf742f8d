package downstream

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// basicFor is how long a password that the mail server accepted is believed.
const basicFor = 10 * time.Minute

// basicCache remembers which passwords were right, under keyed hashes that mean
// nothing outside this process.
type basicCache struct {
	key []byte

	mu    sync.Mutex
	known map[[32]byte]basicEntry // guarded by mu
}

type basicEntry struct {
	session *household.Session
	until   time.Time
}

func newBasicCache() basicCache {
	return basicCache{key: []byte(rand.Text()), known: map[[32]byte]basicEntry{}}
}

func (b *basicCache) sum(user string, password upstream.Secret) [32]byte {
	mac := hmac.New(sha256.New, b.key)
	mac.Write([]byte(user + "\x00" + password.Reveal()))
	return [32]byte(mac.Sum(nil))
}

func (b *basicCache) get(sum [32]byte) (*household.Session, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.known[sum]
	if ok && time.Now().After(e.until) {
		delete(b.known, sum)
		return nil, false
	}
	return e.session, ok
}

func (b *basicCache) put(sum [32]byte, session *household.Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[sum] = basicEntry{session, time.Now().Add(basicFor)}
}

// byPassword signs in a client that sends the password with each request: JMAP
// clients other than our app. Nothing is stored.
func (s *Server) byPassword(r *http.Request, user string, password upstream.Secret) (*member, error) {
	sum := s.basic.sum(user, password)
	if session, ok := s.basic.get(sum); ok {
		now, err := s.cfg.House.Again(r.Context(), session)
		if err == nil {
			return s.open(r.Context(), now)
		}
		if !errors.Is(err, household.ErrNoSession) {
			return nil, err
		}
		// The password was changed since; what opens with this one is to be seen.
	}
	if !plausible(user) || !s.allowed(user) || s.cfg.Limiter.Wait(user, s.guesser(r)) > 0 {
		return nil, errNobody
	}
	found, err := s.cfg.Discover(r.Context(), user)
	if err != nil || found.Incoming == nil || found.Outgoing == nil {
		return nil, errNobody
	}
	acc := household.Account{Address: user, Protocol: protocolOf(found.Protocol), Incoming: *found.Incoming, Outgoing: *found.Outgoing, OutgoingAuth: found.Auth, Password: password}
	if acc.ID, err = s.cfg.House.AccountID(r.Context(), acc); err != nil {
		return nil, err
	}
	alone := &household.Session{Own: acc.ID, Accounts: []household.Account{acc}}
	_, err = s.cfg.Open(r.Context(), "", alone, true)
	if upstream.KindOf(err) == upstream.KindAuth {
		s.cfg.Limiter.Failed(user, s.guesser(r))
		return nil, errors.Join(errNobody, err)
	}
	if err != nil {
		return nil, err
	}
	session, err := s.cfg.House.ByPassword(r.Context(), acc)
	if err != nil {
		return nil, err
	}
	s.basic.put(sum, session)
	return s.open(r.Context(), session)
}
