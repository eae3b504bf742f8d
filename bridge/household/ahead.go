package household

import (
	"context"
	"sync"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// early is the keys that are derived before they are needed: while a mail server is asked
// whether a password is right, which takes as long.
var early struct {
	mu   sync.Mutex
	keys map[whose]*earlyKey // guarded by mu
}

type whose struct{ salt, password string }

type earlyKey struct {
	done chan struct{}
	key  []byte // set when done is closed
}

// Ahead begins to derive the key of an account's password, for the SignIn that follows if
// the mail server accepts it; call what it gives in any case, then or when there is none.
// Nothing is done for those who are no members yet, nor while another password is being
// hashed: who only guesses keeps nobody waiting for more than one of them.
func (h *House) Ahead(ctx context.Context, acc Account) (forget func()) {
	var salt []byte
	err := h.db.QueryRowContext(ctx, `SELECT salt FROM member WHERE name = ?`, nameOf(acc)).Scan(&salt)
	if err != nil || !hashing.TryLock() {
		return func() {}
	}
	w, e := whose{string(salt), acc.Password.Reveal()}, &earlyKey{done: make(chan struct{})}
	early.mu.Lock()
	if early.keys == nil {
		early.keys = map[whose]*earlyKey{}
	}
	early.keys[w] = e
	early.mu.Unlock()
	go func() {
		defer hashing.Unlock()
		e.key = derive(acc.Password, salt)
		close(e.done)
	}()
	return func() {
		early.mu.Lock()
		defer early.mu.Unlock()
		if early.keys[w] == e {
			delete(early.keys, w)
		}
	}
}

// earlyOf is the key of a password that was begun ahead, nil if there is none.
func earlyOf(password upstream.Secret, salt []byte) []byte {
	early.mu.Lock()
	e := early.keys[whose{string(salt), password.Reveal()}]
	early.mu.Unlock()
	if e == nil {
		return nil
	}
	<-e.done
	return e.key
}
