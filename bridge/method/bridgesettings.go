package method

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// BridgeSettings is a singleton of our own (jmap.CapabilityBridge) in which an app keeps
// what its member chose, so that it follows them to every device: {"id": "singleton",
// "settings": {…}}. What the settings are called and what they mean is the app's matter;
// the bridge bounds their number and size. A patch may set one, "settings/theme", or with
// null remove it. A change is pushed as any other.

const (
	// maxSettings is how many settings there may be, maxSettingsOctets what they all take.
	maxSettings       = 500
	maxSettingsOctets = 64 << 10
)

// bridgeSettingsGet answers BridgeSettings/get.
func bridgeSettingsGet(ctx context.Context, c *call) (any, error) {
	settings, err := c.account.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return getAnswer(c, c.account.State("BridgeSettings"), []record{{"id": jmap.Singleton, "settings": settings}})
}

// bridgeSettingsSet answers BridgeSettings/set.
func bridgeSettingsSet(ctx context.Context, c *call) (any, error) {
	args, answer, err := beginSet(c, "BridgeSettings")
	if err != nil {
		return nil, err
	}
	setSingleton(c, args, answer, func(patch map[string]json.RawMessage) error {
		return c.account.ChangeSettings(ctx, func(was map[string]json.RawMessage) (map[string]json.RawMessage, error) {
			return patchSettings(was, patch)
		})
	})
	answer.NewState = c.account.State("BridgeSettings")
	return answer, nil
}

func patchSettings(was, patch map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	now := maps.Clone(was)
	for _, path := range slices.Sorted(maps.Keys(patch)) {
		raw := patch[path]
		name, inner := strings.CutPrefix(path, "settings/")
		switch {
		case path == "settings":
			now = nil
			if json.Unmarshal(raw, &now) != nil || now == nil {
				return nil, invalid("settings is an object", path)
			}
		case !inner:
			return nil, invalid("there is no such property", path)
		case patch["settings"] != nil || strings.Contains(name, "/"):
			return nil, &jmap.SetError{Type: jmap.SetInvalidPatch, Description: path + " lies within another path of the patch, or too deep"}
		case string(raw) == "null":
			delete(now, unescapePointer(name))
		default:
			now[unescapePointer(name)] = raw
		}
	}
	size := 0
	for name, raw := range now {
		size += len(name) + len(raw)
	}
	if len(now) > maxSettings || size > maxSettingsOctets {
		return nil, &jmap.SetError{Type: jmap.SetTooLarge, Description: "these are more settings than are kept"}
	}
	return now, nil
}
