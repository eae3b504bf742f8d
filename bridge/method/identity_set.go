package method

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

const (
	// maxIdentityName is in octets; it goes into the From of every message.
	maxIdentityName = 255
	// maxSignature is in octets, of each form.
	maxSignature = 64 << 10
	// maxIdentityAddresses of replyTo, and of bcc.
	maxIdentityAddresses = 100
)

// identitySet answers Identity/set (RFC 8621 §6.3). An identity can be made of an
// address the member may send as: their own, or their own with a detail
// (ada+lists@…). The account's own identity can be changed, but not destroyed.
func identitySet(ctx context.Context, c *call) (any, error) {
	args, answer, err := beginSet(c, "Identity")
	if err != nil {
		return nil, err
	}
	for _, creation := range slices.Sorted(maps.Keys(args.Create)) {
		r, err := createIdentity(ctx, c, args.Create[creation])
		if err != nil {
			put(&answer.NotCreated, creation, setError(c, err))
			continue
		}
		c.created[creation] = r["id"].(jmap.Id)
		put(&answer.Created, creation, r)
	}
	for _, id := range slices.Sorted(maps.Keys(args.Update)) {
		if slices.Contains(args.Destroy, id) {
			put(&answer.NotUpdated, id, jmap.SetError{Type: jmap.SetWillDestroy})
			continue
		}
		if err := updateIdentity(ctx, c, c.real(id), args.Update[id]); err != nil {
			put(&answer.NotUpdated, id, setError(c, err))
			continue
		}
		put(&answer.Updated, id, nil)
	}
	for _, id := range args.Destroy {
		if err := destroyIdentity(ctx, c, c.real(id)); err != nil {
			put(&answer.NotDestroyed, id, setError(c, err))
			continue
		}
		answer.Destroyed = append(answer.Destroyed, id)
	}
	answer.NewState = c.account.State("Identity")
	return answer, nil
}

func createIdentity(ctx context.Context, c *call, raw json.RawMessage) (record, error) {
	var properties map[string]json.RawMessage
	if json.Unmarshal(raw, &properties) != nil {
		return nil, invalid("an identity is an object")
	}
	i := jmap.Identity{MayDelete: true}
	for _, property := range slices.Sorted(maps.Keys(properties)) {
		var err error
		if property == "email" {
			if json.Unmarshal(properties[property], &i.Email) != nil || message.ValidAddress(i.Email) != nil {
				err = invalid("not a mail address", property)
			}
		} else {
			err = patchIdentity(&i, property, properties[property])
		}
		if err != nil {
			return nil, err
		}
	}
	if i.Email == "" {
		return nil, invalid("an identity has an address", "email")
	}
	if !maySendAs(c.account.Address(), i.Email) {
		return nil, &jmap.SetError{Type: jmap.SetForbiddenFrom, Description: "you may send as " + c.account.Address() + " only"}
	}
	var err error
	if i.Id, err = c.account.CreateIdentity(ctx, i); err != nil {
		return nil, err
	}
	r := identityRecord(i)
	for property := range properties { // what the client said itself
		delete(r, property)
	}
	r["id"] = i.Id
	return r, nil
}

func updateIdentity(ctx context.Context, c *call, id jmap.Id, patch map[string]json.RawMessage) error {
	i, err := identityOf(ctx, c, id)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(patch)) {
		if path == "email" {
			var email string
			if json.Unmarshal(patch[path], &email) != nil || email != i.Email {
				return invalid("the address of an identity stays: make another identity", path)
			}
			continue
		}
		if err := patchIdentity(&i, path, patch[path]); err != nil {
			return err
		}
	}
	return c.account.UpdateIdentity(ctx, i)
}

func destroyIdentity(ctx context.Context, c *call, id jmap.Id) error {
	i, err := identityOf(ctx, c, id)
	if err != nil {
		return err
	}
	if !i.MayDelete {
		return &jmap.SetError{Type: jmap.SetForbidden, Description: "this is the account's own address"}
	}
	return c.account.DestroyIdentity(ctx, id)
}

// identityOf finds an identity; where there is none the error is ErrNotFound.
func identityOf(ctx context.Context, c *call, id jmap.Id) (jmap.Identity, error) {
	all, err := c.account.Identities(ctx)
	if err != nil {
		return jmap.Identity{}, err
	}
	at := slices.IndexFunc(all, func(i jmap.Identity) bool { return i.Id == id })
	if at < 0 {
		return jmap.Identity{}, ErrNotFound
	}
	return all[at], nil
}

// patchIdentity sets one property. null is its default (RFC 8620 §5.3).
func patchIdentity(i *jmap.Identity, property string, raw json.RawMessage) error {
	switch property {
	case "name":
		i.Name = ""
		if json.Unmarshal(raw, &i.Name) != nil || len(i.Name) > maxIdentityName || strings.ContainsFunc(i.Name, unicode.IsControl) {
			return invalid("a name has at most 255 octets and no control characters", property)
		}
	case "replyTo":
		return patchAddresses(&i.ReplyTo, property, raw)
	case "bcc":
		return patchAddresses(&i.Bcc, property, raw)
	case "textSignature":
		return patchSignature(&i.TextSignature, property, raw)
	case "htmlSignature":
		return patchSignature(&i.HtmlSignature, property, raw)
	case "id", "mayDelete": // the server's to say; a client may repeat it
		said, err := json.Marshal(identityRecord(*i)[property])
		if err != nil || i.Id == "" || string(said) != string(raw) {
			return invalid("this cannot be set", property)
		}
	default:
		if head, _, inner := strings.Cut(property, "/"); inner && (head == "replyTo" || head == "bcc") {
			return &jmap.SetError{Type: jmap.SetInvalidPatch, Description: property + " lies within an array"}
		}
		return invalid("an identity has no such property", property)
	}
	return nil
}

func patchSignature(signature *string, property string, raw json.RawMessage) error {
	*signature = ""
	if json.Unmarshal(raw, signature) != nil || len(*signature) > maxSignature {
		return invalid("a signature is a string of at most 64 KB", property)
	}
	return nil
}

func patchAddresses(list *[]jmap.EmailAddress, property string, raw json.RawMessage) error {
	*list = nil
	if json.Unmarshal(raw, list) != nil || len(*list) > maxIdentityAddresses {
		return invalid("this is a list of at most 100 addresses", property)
	}
	for _, a := range *list {
		if message.ValidAddress(a.Email) != nil || a.Name != nil && (len(*a.Name) > maxIdentityName || strings.ContainsFunc(*a.Name, unicode.IsControl)) {
			return invalid("not a mail address: "+a.Email, property)
		}
	}
	return nil
}

// maySendAs reports whether the owner of an address may send as another: the same,
// or the same with a detail (RFC 5233). Other addresses that a provider may have
// given the member cannot be known here.
func maySendAs(own, address string) bool {
	ownAt, at := strings.LastIndex(own, "@"), strings.LastIndex(address, "@")
	if ownAt < 0 || at < 0 || !strings.EqualFold(own[ownAt:], address[at:]) {
		return false
	}
	base, _, _ := strings.Cut(address[:at], "+")
	return strings.EqualFold(address[:at], own[:ownAt]) || strings.EqualFold(base, own[:ownAt])
}
