package method

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// pushSubscriptionSet answers PushSubscription/set (RFC 8620 §7.2.2), which has neither
// account nor state.
func pushSubscriptionSet(ctx context.Context, c *call) (any, error) {
	var args struct {
		Create  map[jmap.Id]map[string]json.RawMessage `json:"create"`
		Update  map[jmap.Id]map[string]json.RawMessage `json:"update"`
		Destroy []jmap.Id                              `json:"destroy"`
	}
	if err := c.decode(&args); err != nil {
		return nil, err
	}
	if len(args.Create)+len(args.Update)+len(args.Destroy) > MaxObjectsInSet {
		return nil, &jmap.MethodError{Type: jmap.RequestTooLarge}
	}
	if c.push == nil {
		return nil, noPush
	}
	created, notCreated := map[jmap.Id]record{}, map[jmap.Id]*jmap.SetError{}
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		made, err := c.createPush(ctx, args.Create[creation])
		if err := keepRefusal(notCreated, creation, err); err != nil {
			return nil, err
		}
		if err == nil {
			created[creation] = made
			c.created[creation] = made["id"].(jmap.Id)
		}
	}
	updated, notUpdated := map[jmap.Id]record{}, map[jmap.Id]*jmap.SetError{}
	for _, id := range slices.Sorted(maps.Keys(args.Update)) {
		changed, err := c.updatePush(ctx, c.real(id), args.Update[id])
		if err := keepRefusal(notUpdated, id, err); err != nil {
			return nil, err
		}
		if err == nil {
			updated[id] = changed
		}
	}
	destroyed, notDestroyed := []jmap.Id{}, map[jmap.Id]*jmap.SetError{}
	for _, id := range args.Destroy {
		err := c.push.Destroy(ctx, c.real(id))
		if err := keepRefusal(notDestroyed, id, err); err != nil {
			return nil, err
		}
		if err == nil {
			destroyed = append(destroyed, c.real(id))
		}
	}
	return record{
		"created": mapOrNull(created), "updated": mapOrNull(updated), "destroyed": listOrNull(destroyed),
		"notCreated": mapOrNull(notCreated), "notUpdated": mapOrNull(notUpdated), "notDestroyed": mapOrNull(notDestroyed),
	}, nil
}

// keepRefusal keeps what is wrong with one record, and gives back what is wrong with more.
func keepRefusal(refused map[jmap.Id]*jmap.SetError, id jmap.Id, err error) error {
	var why *jmap.SetError
	if errors.As(err, &why) {
		refused[id] = why
		return nil
	}
	return err
}

// createPush makes a subscription and gives what its client does not know of it yet.
func (c *call) createPush(ctx context.Context, properties map[string]json.RawMessage) (record, error) {
	var want jmap.PushSubscription
	answer := record{}
	for _, name := range []string{"keys", "types", "verificationCode"} {
		if _, given := properties[name]; !given {
			answer[name] = nil
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		raw := properties[name]
		var err error
		switch name {
		case "deviceClientId":
			err = json.Unmarshal(raw, &want.DeviceClientId)
		case "url":
			err = json.Unmarshal(raw, &want.URL)
		case "keys":
			err = json.Unmarshal(raw, &want.Keys)
		case "expires":
			want.Expires, err = dateOrNull(raw)
		case "types":
			want.Types, err = typesOrNull(raw)
		case "verificationCode": // RFC 8620 §7.2: it must not be set, or null
			if !bytes.Equal(raw, []byte("null")) {
				err = errors.New("it is not known yet")
			}
		default:
			err = errors.New("there is no such property")
		}
		if err != nil {
			return nil, invalid(name+" cannot be taken", name)
		}
	}
	made, err := c.push.Create(ctx, want)
	if err != nil {
		return nil, err
	}
	answer["id"] = made.Id
	answer["expires"] = made.Expires.Format(time.RFC3339)
	return answer, nil
}

// updatePush changes a subscription and gives what became different from what was asked,
// nil for nothing.
func (c *call) updatePush(ctx context.Context, id jmap.Id, patch map[string]json.RawMessage) (record, error) {
	subs, err := c.push.List(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(subs, func(s jmap.PushSubscription) bool { return s.Id == id })
	if at < 0 {
		return nil, &jmap.SetError{Type: jmap.SetNotFound}
	}
	want := subs[at]
	for _, path := range slices.Sorted(maps.Keys(patch)) {
		raw := patch[path]
		var err error
		switch name, rest, deep := strings.Cut(path, "/"); {
		case deep && (name == "types" || name == "keys"), deep && rest != "":
			return nil, &jmap.SetError{Type: jmap.SetInvalidPatch, Description: "there is nothing to patch at " + path}
		case name == "expires":
			want.Expires, err = dateOrNull(raw)
		case name == "types":
			want.Types, err = typesOrNull(raw)
		case name == "verificationCode":
			err = json.Unmarshal(raw, &want.VerificationCode)
		default:
			err = errors.New("it cannot be changed")
		}
		if err != nil {
			return nil, invalid(path+" cannot be taken", path)
		}
	}
	changed, err := c.push.Update(ctx, want)
	if err != nil || want.Expires != nil && want.Expires.Equal(*changed.Expires) {
		return nil, err
	}
	return record{"expires": changed.Expires.Format(time.RFC3339)}, nil
}

// dateOrNull reads a UTCDate (RFC 8620 §1.4).
func dateOrNull(raw json.RawMessage) (*time.Time, error) {
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		return nil, err
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err == nil && !strings.HasSuffix(*text, "Z") {
		err = errors.New("a UTCDate ends in Z")
	}
	return &at, err
}

func typesOrNull(raw json.RawMessage) ([]string, error) {
	var types []*string
	if err := json.Unmarshal(raw, &types); err != nil || types == nil {
		return nil, err
	}
	out := make([]string, len(types))
	for i, typ := range types {
		if typ == nil {
			return nil, errors.New("a type is a string")
		}
		out[i] = *typ
	}
	return out, nil
}
