package jmap

import "encoding/json"

// Session tells a client where everything is and what it may do
// (RFC 8620 §2).
type Session struct {
	Capabilities    map[string]json.RawMessage `json:"capabilities"`
	Accounts        map[Id]Account             `json:"accounts"`
	PrimaryAccounts map[string]Id              `json:"primaryAccounts"`
	Username        string                     `json:"username"`
	APIURL          string                     `json:"apiUrl"`
	DownloadURL     string                     `json:"downloadUrl"` // URI template: accountId, blobId, type, name
	UploadURL       string                     `json:"uploadUrl"`   // URI template: accountId
	EventSourceURL  string                     `json:"eventSourceUrl"`
	State           State                      `json:"state"`
}

// Account is one mail account a session can reach.
type Account struct {
	Name                string                     `json:"name"`
	IsPersonal          bool                       `json:"isPersonal"`
	IsReadOnly          bool                       `json:"isReadOnly"`
	AccountCapabilities map[string]json.RawMessage `json:"accountCapabilities"`
}

// CoreCapability is the value of CapabilityCore: limits the bridge enforces.
// Sizes in octets.
type CoreCapability struct {
	MaxSizeUpload         int64    `json:"maxSizeUpload"`
	MaxConcurrentUpload   int      `json:"maxConcurrentUpload"`
	MaxSizeRequest        int64    `json:"maxSizeRequest"`
	MaxConcurrentRequests int      `json:"maxConcurrentRequests"`
	MaxCallsInRequest     int      `json:"maxCallsInRequest"`
	MaxObjectsInGet       int      `json:"maxObjectsInGet"`
	MaxObjectsInSet       int      `json:"maxObjectsInSet"`
	CollationAlgorithms   []string `json:"collationAlgorithms"`
}

// WebSocketCapability is the value of CapabilityWebSocket (RFC 8887 §3).
type WebSocketCapability struct {
	URL          string `json:"url"`
	SupportsPush bool   `json:"supportsPush"`
}

// Upload answers an upload (RFC 8620 §6.1).
type Upload struct {
	AccountId Id     `json:"accountId"`
	BlobId    Id     `json:"blobId"`
	Type      string `json:"type"`
	Size      int64  `json:"size"`
}
