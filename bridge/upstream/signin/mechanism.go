package signin

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // CRAM-MD5 is made of it; where TLS protects better, it comes last
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// Exchange is one attempt to sign in. Start gives what is said first, nil for nothing, and
// Next the answer to what the server says then.
type Exchange interface {
	sasl.Client
	// Done reports whether the server may say that all went well: one that was to prove
	// who it is and has not, may not.
	Done() bool
}

// Mechanism begins an attempt by a SASL mechanism; nil for what is none that we know.
func (c Credentials) Mechanism(name string) Exchange {
	switch name {
	case ScramSHA256:
		return &scramClient{user: c.User, password: c.Secret.Reveal()}
	case Plain:
		return &answers{name: name, first: c.Secret.Plain(c.User)}
	case Login: // the server asks twice, in words of its own ("Username:", "User Name\x00" …)
		return &answers{name: name, then: []string{c.User, c.Secret.Reveal()}}
	case CRAMMD5:
		return &cramMD5{c}
	// What the two OAuth mechanisms are asked when they are refused has no answer, but
	// wants one (RFC 7628 §3.2.3).
	case XOAuth2:
		return &answers{name: name, first: c.Secret.XOAuth2(c.User), then: []string{""}}
	case OAuthBearer:
		return &answers{name: name, first: c.Secret.OAuthBearer(c.User), then: []string{"\x01"}}
	}
	return nil
}

// answers says what it has, whatever it is asked.
type answers struct {
	name  string
	first string
	then  []string
}

func (a *answers) Start() (name string, initial []byte, err error) {
	if a.first != "" {
		initial = []byte(a.first)
	}
	return a.name, initial, nil
}

var errMore = errors.New("the server asks for more than there is to say")

func (a *answers) Next([]byte) ([]byte, error) {
	if len(a.then) == 0 {
		return nil, errMore
	}
	answer := a.then[0]
	a.then = a.then[1:]
	return []byte(answer), nil
}

func (a *answers) Done() bool { return true }

// cramMD5 answers a challenge with a digest of it and the password.
type cramMD5 struct{ c Credentials }

func (m *cramMD5) Start() (name string, initial []byte, err error) { return CRAMMD5, nil, nil }

func (m *cramMD5) Next(challenge []byte) ([]byte, error) {
	mac := hmac.New(md5.New, []byte(m.c.Secret.Reveal()))
	mac.Write(challenge)
	return []byte(m.c.User + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

func (m *cramMD5) Done() bool { return true }

// scramClient is SCRAM-SHA-256 (RFC 5802, 7677): the server does not learn the password,
// and proves that it knew it.
type scramClient struct {
	user, password string
	talk           *scram.ClientConversation
}

func (s *scramClient) Start() (name string, initial []byte, err error) {
	client, err := scram.SHA256.NewClient(s.user, s.password, "")
	if err != nil { // the password has characters that SASLprep forbids
		client, err = scram.SHA256.NewClientUnprepped(s.user, s.password, "")
	}
	if err != nil {
		return "", nil, err
	}
	s.talk = client.NewConversation()
	first, err := s.talk.Step("")
	return ScramSHA256, []byte(first), err
}

// maxIterations is how often a server may have us hash: RFC 7677 §4 wants 4096 at least,
// and this takes seconds.
const maxIterations = 2_000_000

var errIterations = errors.New("the server asks for too much work")

func (s *scramClient) Next(challenge []byte) ([]byte, error) {
	for field := range strings.SplitSeq(string(challenge), ",") {
		if count, ok := strings.CutPrefix(field, "i="); ok {
			if n, err := strconv.Atoi(count); err != nil || n > maxIterations {
				return nil, errIterations
			}
		}
	}
	answer, err := s.talk.Step(string(challenge))
	return []byte(answer), err
}

func (s *scramClient) Done() bool { return s.talk != nil && s.talk.Valid() }
