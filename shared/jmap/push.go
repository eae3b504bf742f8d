package jmap

import "time"

// PushSubscription asks for changes to be posted to a URL (RFC 8620 §7.2). URL and Keys are
// never sent back.
type PushSubscription struct {
	Id               Id         `json:"id,omitzero"`
	DeviceClientId   string     `json:"deviceClientId"`
	URL              string     `json:"url,omitzero"`
	Keys             *PushKeys  `json:"keys,omitzero"`
	VerificationCode string     `json:"verificationCode,omitzero"` // "" until the client has sent it
	Expires          *time.Time `json:"expires,omitzero"`
	Types            []string   `json:"types,omitzero"` // nil: all
}

// PushKeys is what pushes are encrypted with (RFC 8291), in base64url.
type PushKeys struct {
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// Values of @type of what is posted.
const (
	PushStateChange  = "StateChange"
	PushVerification = "PushVerification"
)

// Verification is the first thing posted to a subscription's URL: whoever reads it there
// can send the code back (RFC 8620 §7.2.2).
type Verification struct {
	Type               string `json:"@type"` // PushVerification
	PushSubscriptionId Id     `json:"pushSubscriptionId"`
	VerificationCode   string `json:"verificationCode"`
}

// VAPIDCapability is the value of CapabilityVAPID (RFC 9749 §3).
type VAPIDCapability struct {
	ApplicationServerKey string `json:"applicationServerKey"` // P-256 point, base64url
}
