package method

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// MailboxChange is what is to become of a mailbox; nil leaves a property as it is.
type MailboxChange struct {
	Name       *string
	Parent     *jmap.Id // "": the top level
	Role       *string  // "": none
	SortOrder  *int
	Subscribed *bool
}

// mailboxSet answers Mailbox/set (RFC 8621 §2.5). Each change costs a round trip, and
// all of them together a new list.
func mailboxSet(ctx context.Context, c *call) (any, error) {
	var more struct {
		OnDestroyRemoveEmails bool `json:"onDestroyRemoveEmails"`
	}
	if err := c.decode(&more); err != nil {
		return nil, err
	}
	if _, err := c.account.Mailboxes(ctx); err != nil { // the state is that of what is there
		return nil, err
	}
	args, answer, err := beginSet(c, "Mailbox")
	if err != nil {
		return nil, err
	}
	createMailboxes(ctx, c, args, answer)
	for _, id := range slices.Sorted(maps.Keys(args.Update)) {
		change, err := readMailboxPatch(c, args.Update[id])
		if err == nil {
			err = c.account.ChangeMailbox(ctx, c.real(id), change)
		}
		if err != nil {
			put(&answer.NotUpdated, id, setError(c, err))
			continue
		}
		put(&answer.Updated, id, nil)
	}
	destroyMailboxes(ctx, c, args.Destroy, more.OnDestroyRemoveEmails, answer)
	createMailboxes(ctx, c, &setArgs{Create: nowFree(args, answer)}, answer)
	answer.NewState = c.account.State("Mailbox")
	return answer, nil
}

// createMailboxes makes parents before what refers to them (RFC 8620 §5.3).
func createMailboxes(ctx context.Context, c *call, args *setArgs, answer *setAnswer) {
	left := slices.Sorted(maps.Keys(args.Create))
	for progress := true; progress; {
		progress = false
		left = slices.DeleteFunc(left, func(creation jmap.Id) bool {
			if other := refersTo(args.Create[creation]); other != "" && c.created[other] == "" && slices.Contains(left, other) && other != creation {
				return false
			}
			progress = true
			r, err := createMailbox(ctx, c, args.Create[creation])
			if err != nil {
				put(&answer.NotCreated, creation, setError(c, err))
				return true
			}
			c.created[creation] = r["id"].(jmap.Id)
			put(&answer.Created, creation, r)
			return true
		})
	}
	for _, creation := range left { // they refer to one another
		put(&answer.NotCreated, creation, *invalid("the parents go round in a circle", "parentId"))
	}
}

// nowFree is the creations that failed only because of a mailbox that has been destroyed
// since. They are no longer among the failed ones.
func nowFree(args *setArgs, answer *setAnswer) map[jmap.Id]json.RawMessage {
	again := map[jmap.Id]json.RawMessage{}
	for creation, e := range answer.NotCreated {
		if e.Type == jmap.SetAlreadyExists && slices.Contains(answer.Destroyed, e.ExistingId) {
			again[creation] = args.Create[creation]
		}
	}
	maps.DeleteFunc(answer.NotCreated, func(creation jmap.Id, _ jmap.SetError) bool { return again[creation] != nil })
	if len(answer.NotCreated) == 0 {
		answer.NotCreated = nil
	}
	return again
}

// refersTo is the creation id that a new mailbox has for its parent, "" for none.
func refersTo(raw json.RawMessage) jmap.Id {
	var of struct {
		ParentId *string `json:"parentId"`
	}
	if json.Unmarshal(raw, &of) != nil || of.ParentId == nil {
		return ""
	}
	other, isRef := strings.CutPrefix(*of.ParentId, "#")
	if !isRef {
		return ""
	}
	return jmap.Id(other)
}

func createMailbox(ctx context.Context, c *call, raw json.RawMessage) (record, error) {
	var properties map[string]json.RawMessage
	if json.Unmarshal(raw, &properties) != nil {
		return nil, invalid("a mailbox is an object")
	}
	change, err := readMailboxPatch(c, properties)
	if err != nil {
		return nil, err
	}
	if change.Name == nil {
		return nil, invalid("a mailbox has a name", "name")
	}
	id, err := c.account.CreateMailbox(ctx, change)
	if err != nil {
		return nil, err
	}
	all, err := c.account.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	r := record{"id": id}
	for _, m := range all {
		if m.Id == id {
			made := mailboxRecord(m)
			for name, value := range made { // what the client did not say itself
				if _, said := properties[name]; !said {
					r[name] = value
				}
			}
		}
	}
	return r, nil
}

// readMailboxPatch reads the properties of a mailbox that can be set; the patch may
// give whole properties only, there being nothing below them.
func readMailboxPatch(c *call, patch map[string]json.RawMessage) (MailboxChange, error) {
	var change MailboxChange
	for _, property := range slices.Sorted(maps.Keys(patch)) {
		raw := patch[property]
		var err error
		switch property {
		case "name":
			err = json.Unmarshal(raw, &change.Name)
			if err == nil && (change.Name == nil || !validMailboxName(*change.Name)) {
				return change, invalid("a name has 1 to 255 octets, no control characters, and no space at its ends", property)
			}
		case "parentId":
			var parent *jmap.Id
			err = json.Unmarshal(raw, &parent)
			change.Parent = new(jmap.Id)
			if parent != nil {
				*change.Parent = c.real(*parent)
			}
		case "role":
			var role *string
			err = json.Unmarshal(raw, &role)
			change.Role = new(string)
			if role != nil {
				*change.Role = *role
			}
		case "sortOrder":
			err = json.Unmarshal(raw, &change.SortOrder)
			if err == nil && (change.SortOrder == nil || *change.SortOrder < 0 || *change.SortOrder >= 1<<31) {
				return change, invalid("sortOrder is a number from 0 to 2147483647", property)
			}
		case "isSubscribed":
			err = json.Unmarshal(raw, &change.Subscribed)
		default:
			return change, invalid("this cannot be set", property)
		}
		if err != nil {
			return change, invalid("the value is of another type", property)
		}
	}
	return change, nil
}

// validMailboxName: RFC 8621 §2, Net-Unicode (RFC 5198).
func validMailboxName(name string) bool {
	return name != "" && len(name) <= 255 && strings.TrimSpace(name) == name &&
		!strings.ContainsFunc(name, func(r rune) bool {
			return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == '\ufffd'
		})
}

// destroyMailboxes destroys children before their parents.
func destroyMailboxes(ctx context.Context, c *call, ids []jmap.Id, removeEmails bool, answer *setAnswer) {
	left := slices.Clone(ids)
	errs := map[jmap.Id]error{}
	for progress := true; progress && len(left) > 0; {
		progress = false
		left = slices.DeleteFunc(left, func(id jmap.Id) bool {
			err := c.account.DestroyMailbox(ctx, c.real(id), removeEmails)
			if errs[id] = err; err != nil {
				return false
			}
			progress = true
			answer.Destroyed = append(answer.Destroyed, id)
			return true
		})
	}
	for _, id := range left {
		put(&answer.NotDestroyed, id, setError(c, errs[id]))
	}
}
