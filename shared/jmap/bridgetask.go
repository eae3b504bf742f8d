package jmap

import "time"

// BridgeTask is what an account does in the background that takes long (CapabilityBridge):
// downloading its mail. To destroy it is to cancel it; to create one has new mail be looked
// for now.
type BridgeTask struct {
	Id    Id        `json:"id"`
	Done  int       `json:"done"` // messages, of Total
	Total int       `json:"total"`
	Began time.Time `json:"began"`
	Error *string   `json:"error"` // why it does not go on for now; null: it does
}
