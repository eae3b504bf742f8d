package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func raw(t *testing.T, s string) []byte {
	t.Helper()
	b, err := fromBase64(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEncryptAsInRFC8291 makes the message of RFC 8291 §5 with the keys of its appendix A.
func TestEncryptAsInRFC8291(t *testing.T) {
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_" +
		"yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	own, err := ecdh.P256().NewPrivateKey(raw(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	to, err := parseKeys(jmap.PushKeys{
		P256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
		Auth:   "BTBZMqHH6r4Tts7J_aSIgg",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := encryptWith([]byte("When I grow up, I want to be a watermelon"), to, own, raw(t, "DGv6ra1nlYgDCS1FRnbzlw"))
	if err != nil || base64.RawURLEncoding.EncodeToString(got) != want {
		t.Errorf("got %s, %v", base64.RawURLEncoding.EncodeToString(got), err)
	}
	device, err := ecdh.P256().NewPrivateKey(raw(t, "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := decrypt(raw(t, want), device, to.auth)
	if err != nil || string(plain) != "When I grow up, I want to be a watermelon" {
		t.Errorf("read as %q, %v", plain, err)
	}
}

// decrypt is what a device does.
func decrypt(message []byte, device *ecdh.PrivateKey, auth []byte) ([]byte, error) {
	if len(message) < saltSize+5+pointSize || message[saltSize+4] != pointSize || binary.BigEndian.Uint32(message[saltSize:]) != record {
		return nil, errors.New("not the header of RFC 8188")
	}
	salt, point, sealed := message[:saltSize], message[saltSize+5:saltSize+5+pointSize], message[saltSize+5+pointSize:]
	sender, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	shared, err := device.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := slices.Concat([]byte("WebPush: info\x00"), device.PublicKey().Bytes(), point)
	secret, err := hkdf.Key(sha256.New, shared, auth, string(info), 32)
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
	plain, err := seal.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	plain, ok := bytes.CutSuffix(plain, []byte{2})
	if !ok {
		return nil, errors.New("not the last record")
	}
	return plain, nil
}

// newDevice makes a device's key pair, and the keys as it gives them.
func newDevice(t *testing.T) (*ecdh.PrivateKey, []byte, jmap.PushKeys) {
	t.Helper()
	device, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, authSize)
	_, _ = rand.Read(auth)
	return device, auth, jmap.PushKeys{
		P256dh: base64.RawURLEncoding.EncodeToString(device.PublicKey().Bytes()),
		Auth:   base64.RawURLEncoding.EncodeToString(auth),
	}
}

// TestEncryptedMessagesAreOneRecord: what does not fit is refused, the rest can be read.
func TestEncryptedMessagesAreOneRecord(t *testing.T) {
	device, auth, given := newDevice(t)
	to, err := parseKeys(given)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 1000, maxPlain} {
		message, err := encrypt(make([]byte, size), to)
		if err != nil || len(message) > record {
			t.Fatalf("%d octets: %d, %v", size, len(message), err)
		}
		if plain, err := decrypt(message, device, auth); err != nil || len(plain) != size {
			t.Errorf("%d octets read as %d, %v", size, len(plain), err)
		}
	}
	if _, err := encrypt(make([]byte, maxPlain+1), to); err == nil {
		t.Error("too much is no error")
	}
}

func TestBadKeys(t *testing.T) {
	_, _, good := newDevice(t)
	if _, err := parseKeys(jmap.PushKeys{P256dh: good.P256dh + "=", Auth: good.Auth + "=="}); err != nil {
		t.Errorf("with padding: %v", err)
	}
	for _, bad := range []jmap.PushKeys{
		{},
		{P256dh: good.P256dh},
		{Auth: good.Auth},
		{P256dh: good.P256dh[:40], Auth: good.Auth},
		{P256dh: good.P256dh, Auth: good.Auth[:8]},
		{P256dh: base64.RawURLEncoding.EncodeToString(append([]byte{4}, make([]byte, 64)...)), Auth: good.Auth}, // not on the curve
		{P256dh: strings.Repeat("?", 87), Auth: good.Auth},
	} {
		if _, err := parseKeys(bad); err == nil {
			t.Errorf("taken: %+v", bad)
		}
	}
}
