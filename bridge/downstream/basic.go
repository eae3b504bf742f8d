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
	account household.Account
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

func (b *basicCache) get(sum [32]byte) (household.Account, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.known[sum]
	if ok && time.Now().After(e.until) {
		delete(b.known, sum)
		return e.account, false
	}
	return e.account, ok
}

func (b *basicCache) put(sum [32]byte, account household.Account) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[sum] = basicEntry{account, time.Now().Add(basicFor)}
}

// byPassword signs in a client that sends the password with each request: JMAP
// clients other than our app. Nothing is stored.
func (s *Server) byPassword(r *http.Request, user string, password upstream.Secret) (*member, error) {
	sum := s.basic.sum(user, password)
	acc, ok := s.basic.get(sum)
	if !ok {
		if !plausible(user) || !s.allowed(user) || s.limiter.Wait(user, s.clientAddr(r)) > 0 {
			return nil, errNobody
		}
		id, err := s.cfg.House.AccountID(r.Context(), user)
		if err != nil {
			return nil, err
		}
		found, err := s.cfg.Discover(r.Context(), user)
		if err != nil || found.Incoming == nil || found.Outgoing == nil {
			return nil, errNobody
		}
		acc = household.Account{ID: id, Address: user, Incoming: *found.Incoming, Outgoing: *found.Outgoing, OutgoingAuth: found.Auth, Password: password}
	}
	mail, err := s.cfg.Open(r.Context(), household.PasswordCredential(user), []household.Account{acc}, !ok)
	if upstream.KindOf(err) == upstream.KindAuth {
		s.limiter.Failed(user, s.clientAddr(r))
		return nil, errors.Join(errNobody, err)
	}
	if err != nil {
		return nil, err
	}
	s.basic.put(sum, acc)
	return &member{mail: mail, name: user}, nil
}
