package household

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"runtime/debug"
	"sync"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Argon2id's costs: 64 MiB, three passes, one lane.
const (
	argonTime  = 3
	argonLanes = 1
)

// argonMemory is in KiB. A test that hashes many passwords takes less.
var argonMemory uint32 = 64 << 10

// hashing lets one password be hashed at a time: each takes argonMemory, and a small
// box has not many of those.
var hashing sync.Mutex

func passwordKey(password upstream.Secret, salt []byte) []byte {
	if key := earlyOf(password, salt); key != nil {
		return key
	}
	hashing.Lock()
	defer hashing.Unlock()
	return derive(password, salt)
}

// derive does the work; hashing is locked.
func derive(password upstream.Secret, salt []byte) []byte {
	// By itself the runtime would keep the memory for minutes: nothing else here
	// needs so much.
	defer func() { go debug.FreeOSMemory() }()
	return argon2.IDKey([]byte(password.Reveal()), salt, argonTime, argonMemory, argonLanes, chacha20poly1305.KeySize)
}

// tokenKey derives from a session's token the key that wraps the vault key. The
// token has 256 random bits: nothing slow is needed.
func tokenKey(token []byte) []byte {
	key, err := hkdf.Key(sha256.New, token, nil, "hearthmail session vault", chacha20poly1305.KeySize)
	if err != nil {
		panic(err) // only a length beyond 8,160 octets can fail
	}
	return key
}

func aead(key []byte) cipher.AEAD {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // only another key length can fail
	}
	return a
}

// seal encrypts (XChaCha20-Poly1305); the nonce comes first.
func seal(key, plain []byte, context string) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	return aead(key).Seal(nonce, nonce, plain, []byte(context))
}

var errSealed = errors.New("sealed by another key, or changed")

// open undoes seal. Whatever is wrong, the error is the same.
func open(key, sealed []byte, context string) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, errSealed
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := aead(key).Open(nil, nonce, box, []byte(context))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}
