package push

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

const (
	keyFile = "vapid.key"
	// tokenFor is how long a signature holds. RFC 8292 §2 allows a day.
	tokenFor = 12 * time.Hour
	// subject is where a push service finds who sends (RFC 8292 §2.1). Some insist on one;
	// a member's address would be theirs to know only.
	subject = "https://github.com/hearthmail/hearthmail"
)

// signer signs pushes, so that push services know them for one sender's (RFC 8292).
type signer struct {
	key    *ecdsa.PrivateKey
	public string // the point, base64url
}

// loadSigner reads the bridge's key, or makes it at the first start. With another key
// the subscriptions made with this one are worth nothing: it is kept with the data.
func loadSigner(dir string) (*signer, error) {
	file := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(filepath.Clean(file))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("key for push: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("key for push: %s holds none", file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("key for push: %w", err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("key for push: the one in %s is of another kind", file)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("key for push: %w", err)
	}
	return &signer{key, base64.RawURLEncoding.EncodeToString(point)}, nil
}

// makeKey writes a new key down, all of it or nothing.
func makeKey(file string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	f, err := os.OpenFile(file+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return text, os.Rename(file+".new", file)
}

// authorization is the header that signs a push to an address (RFC 8292 §3).
func (s *signer) authorization(to *url.URL, now time.Time) (string, error) {
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`))
	claims, err := json.Marshal(map[string]any{
		"aud": to.Scheme + "://" + to.Host,
		"exp": now.Add(tokenFor).Unix(),
		"sub": subject,
	})
	if err != nil {
		return "", err
	}
	signed := header + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return "", err
	}
	both := make([]byte, 64) // RFC 7518 §3.4: each number with 32 octets
	r.FillBytes(both[:32])
	v.FillBytes(both[32:])
	return "vapid t=" + signed + "." + base64.RawURLEncoding.EncodeToString(both) + ", k=" + s.public, nil
}
