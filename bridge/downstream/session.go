package downstream

import (
	"encoding/json"
	"net/http"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// limits is what the bridge keeps to; those of a request are enforced in api.go,
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
	out := &jmap.Session{
		Capabilities: map[string]json.RawMessage{
			jmap.CapabilityCore:       mustJSON(limits),
			jmap.CapabilityMail:       json.RawMessage("{}"),
			jmap.CapabilitySubmission: json.RawMessage("{}"),
			jmap.CapabilityWebSocket:  mustJSON(jmap.WebSocketCapability{URL: socket + r.Host + "/jmap/ws", SupportsPush: true}),
			jmap.CapabilityBridge:     json.RawMessage("{}"),
		},
		Accounts:        m.mail.Accounts(),
		PrimaryAccounts: map[string]jmap.Id{},
		Username:        m.name,
		APIURL:          base + "/jmap/api",
		DownloadURL:     base + "/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
		UploadURL:       base + "/jmap/upload/{accountId}",
		EventSourceURL:  base + "/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
		State:           m.mail.SessionState(),
	}
	for id, account := range out.Accounts {
		for capability := range account.AccountCapabilities {
			if first, ok := out.PrimaryAccounts[capability]; !ok || id < first {
				out.PrimaryAccounts[capability] = id
			}
		}
	}
	return out
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
