package jmap

// Values of Quota.ResourceType (RFC 9425 §3.2).
const (
	QuotaCount  = "count"
	QuotaOctets = "octets"
)

// Quota is a limit of an account, and how much of it is used (RFC 9425 §4).
type Quota struct {
	Id           Id       `json:"id"`
	ResourceType string   `json:"resourceType"`
	Used         int64    `json:"used"`
	HardLimit    int64    `json:"hardLimit"`
	WarnLimit    *int64   `json:"warnLimit"`
	SoftLimit    *int64   `json:"softLimit"`
	Scope        string   `json:"scope"` // account, domain or global
	Name         string   `json:"name"`
	Description  *string  `json:"description"`
	Types        []string `json:"types"` // of what is counted: Email …
}
