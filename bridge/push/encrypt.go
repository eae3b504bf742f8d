package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	saltSize  = 16
	authSize  = 16   // RFC 8291 §3.2
	pointSize = 65   // an uncompressed point of P-256
	record    = 4096 // RFC 8291 §4: no more than this, in one record
	// maxPlain is what fits into the one record: it also has a header, the delimiter
	// and the seal.
	maxPlain = record - saltSize - 4 - 1 - pointSize - 1 - 16
)

// keys is what a device gave to be encrypted for.
type keys struct {
	public *ecdh.PublicKey
	auth   []byte
}

// parseKeys reads the keys of a subscription.
func parseKeys(k jmap.PushKeys) (*keys, error) {
	point, err := fromBase64(k.P256dh)
	if err != nil {
		return nil, err
	}
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	auth, err := fromBase64(k.Auth)
	if err != nil {
		return nil, err
	}
	if len(auth) != authSize {
		return nil, fmt.Errorf("the authentication secret has %d octets", len(auth))
	}
	return &keys{public, auth}, nil
}

// fromBase64 reads base64url; some clients pad it.
func fromBase64(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}

// encrypt makes a push message that only the device can read.
func encrypt(plain []byte, to *keys) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return encryptWith(plain, to, own, salt)
}

// encryptWith encrypts with a key pair and a salt that are used only once (RFC 8291 §3,
// RFC 8188 §2).
func encryptWith(plain []byte, to *keys, own *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	if len(plain) > maxPlain {
		return nil, errors.New("too long for one push message")
	}
	shared, err := own.ECDH(to.public)
	if err != nil {
		return nil, err
	}
	sender := own.PublicKey().Bytes()
	info := slices.Concat([]byte("WebPush: info\x00"), to.public.Bytes(), sender)
	secret, err := hkdf.Key(sha256.New, shared, to.auth, string(info), sha256.Size)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := slices.Concat(salt, binary.BigEndian.AppendUint32(nil, record), []byte{pointSize}, sender)
	return seal.Seal(out, nonce, append(slices.Clone(plain), 2), nil), nil // 2: the last record
}
