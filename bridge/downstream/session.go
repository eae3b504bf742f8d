package downstream

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// limits is what the bridge keeps to; those of a request are enforced in request.go,
// those of methods in the room method.
var limits = jmap.CoreCapability{
	MaxSizeUpload:         100 << 20,
	MaxConcurrentUpload:   8,
	MaxSizeRequest:        10 << 20,
	MaxConcurrentRequests: 16,
	MaxCallsInRequest:     64,
	MaxObjectsInGet:       500,
	MaxObjectsInSet:       500,
	CollationAlgorithms:   []string{},
}

// session answers with the session object (RFC 8620 §2).
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		writeJSON(w, s.sessionObject(r, m))
	})
}

func (s *Server) sessionObject(r *http.Request, m *member) *jmap.Session {
	scheme, socket := "http://", "ws://"
	if s.cfg.Secure || r.TLS != nil {
		scheme, socket = "https://", "wss://"
	}
	base := scheme + r.Host
	accounts := m.mail.Accounts()
	out := &jmap.Session{
		Capabilities:    s.capabilities(accounts, socket+r.Host+"/jmap/ws"),
		Accounts:        accounts,
		PrimaryAccounts: map[string]jmap.Id{},
		Username:        m.name(),
		APIURL:          base + "/jmap/api",
		DownloadURL:     base + "/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
		UploadURL:       base + "/jmap/upload/{accountId}",
		EventSourceURL:  base + "/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
		State:           s.sessionState(m.mail),
	}
	for id, account := range out.Accounts {
		for capability := range account.AccountCapabilities {
			if first, ok := out.PrimaryAccounts[capability]; !ok || first != m.session.Own && (id == m.session.Own || id < first) {
				out.PrimaryAccounts[capability] = id
			}
		}
	}
	return out
}

// known is the capabilities a request may use.
var known = []string{
	jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilitySubmission, jmap.CapabilityVacation, jmap.CapabilityWebSocket,
	jmap.CapabilityBlob, jmap.CapabilityQuota, jmap.CapabilityVAPID, jmap.CapabilityBridge,
}

// capabilities is what the bridge can do by itself, and what its member's accounts can;
// socket is the address of its WebSocket.
func (s *Server) capabilities(accounts map[jmap.Id]jmap.Account, socket string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{
		jmap.CapabilityCore:      mustJSON(limits),
		jmap.CapabilityWebSocket: mustJSON(jmap.WebSocketCapability{URL: socket, SupportsPush: true}),
	}
	if s.cfg.ApplicationServerKey != "" {
		out[jmap.CapabilityVAPID] = mustJSON(jmap.VAPIDCapability{ApplicationServerKey: s.cfg.ApplicationServerKey})
	}
	for _, account := range accounts {
		for uri := range account.AccountCapabilities {
			out[uri] = json.RawMessage("{}") // what there is to say is said with the account
		}
	}
	return out
}

// sessionState changes when anything of a member's session object does (RFC 8620 §2).
func (s *Server) sessionState(mail Mail) jmap.State {
	accounts := mail.Accounts()
	sum := sha256.New()
	sum.Write(mustJSON(s.capabilities(accounts, "")))
	sum.Write(mustJSON(accounts))
	return jmap.State(hex.EncodeToString(sum.Sum(nil)[:12]))
}

func mustJSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of ours
	}
	return raw
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whoever asked may be gone
}
