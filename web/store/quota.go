package store

import (
	"slices"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Has reports whether the account has a capability.
func (a *Account) Has(capability string) bool {
	_, ok := a.capabilities[capability]
	return ok
}

// Quota is the limit that mail meets first, nil if there is none: of those counted in
// octets the fullest.
func (a *Account) Quota() *jmap.Quota { return a.quota }

// SetQuotas takes over the limits the bridge told.
func (a *Account) SetQuotas(list []jmap.Quota) {
	a.quota = nil
	for i := range list {
		q := &list[i]
		mail := len(q.Types) == 0 || slices.Contains(q.Types, "Email") || slices.Contains(q.Types, "Mail")
		if q.ResourceType == jmap.QuotaOctets && mail && q.HardLimit > 0 && (a.quota == nil || fuller(q, a.quota)) {
			a.quota = q
		}
	}
	a.store.changed(PartMailboxes)
}

func fuller(q, than *jmap.Quota) bool {
	return float64(q.Used)/float64(q.HardLimit) > float64(than.Used)/float64(than.HardLimit)
}
