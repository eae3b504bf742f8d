package method

import (
	"maps"
	"slices"
)

// Methods is every method there is, for tests.
func Methods() []string { return slices.Sorted(maps.Keys(handlers)) }

// CapabilityOf is the capability a method belongs to, for tests.
func CapabilityOf(name string) string { return capabilityOf(name) }
