package method

import (
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// capabilities is which capability the methods of each type belong to; those of types
// that are not here are our own. A request that does not use the capability does not
// know the method (RFC 8620 §3.6.2).
var capabilities = map[string]string{
	"Core":             jmap.CapabilityCore,
	"PushSubscription": jmap.CapabilityCore,
	"Blob":             jmap.CapabilityBlob,
	"Mailbox":          jmap.CapabilityMail,
	"Thread":           jmap.CapabilityMail,
	"Email":            jmap.CapabilityMail,
	"SearchSnippet":    jmap.CapabilityMail,
	"Identity":         jmap.CapabilitySubmission,
	"EmailSubmission":  jmap.CapabilitySubmission,
	"VacationResponse": jmap.CapabilityVacation,
	"Quota":            jmap.CapabilityQuota,
}

// withoutAccount is the methods that have no accountId.
var withoutAccount = map[string]bool{
	"Core/echo":            true,
	"PushSubscription/get": true, // RFC 8620 §7.2.1
	"PushSubscription/set": true, // RFC 8620 §7.2.2
}

// capabilityOf is the capability a method belongs to.
func capabilityOf(name string) string {
	if name == "Blob/copy" {
		return jmap.CapabilityCore // RFC 8620 §6.3; the others came with RFC 9404
	}
	typ, _, _ := strings.Cut(name, "/")
	if uri, ok := capabilities[typ]; ok {
		return uri
	}
	return jmap.CapabilityBridge
}
