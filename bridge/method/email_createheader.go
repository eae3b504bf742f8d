package method

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

var errForm = errors.New("the value does not fit the form")

// headerFields makes fields of a property header:NAME[:asFORM][:all] (RFC 8621 §4.6);
// none of null.
func headerFields(h headerProperty, raw json.RawMessage) ([]message.OutField, error) {
	values := []json.RawMessage{raw}
	if h.all {
		if json.Unmarshal(raw, &values) != nil {
			return nil, errors.New("an array is needed")
		}
	}
	var out []message.OutField
	for _, value := range values {
		if string(value) == "null" {
			continue
		}
		fields, err := fieldMakers[h.formName](h.name, value)
		if err != nil {
			return nil, err
		}
		out = append(out, fields...)
	}
	return out, nil
}

// fieldMakers says how a field is made of each form (RFC 8621 §4.1.2).
var fieldMakers = map[string]func(name string, value json.RawMessage) ([]message.OutField, error){
	"asRaw": maker(func(name, s string) ([]message.OutField, error) {
		f, err := message.RawField(name, s)
		return []message.OutField{f}, err
	}),
	"asText": maker(func(name, s string) ([]message.OutField, error) {
		return []message.OutField{message.TextField(name, s)}, nil
	}),
	"asAddresses": maker(addressField),
	"asGroupedAddresses": maker(func(name string, groups []jmap.EmailAddressGroup) ([]message.OutField, error) {
		if len(groups) == 0 {
			return nil, nil
		}
		f, err := message.GroupsField(name, groups)
		return []message.OutField{f}, err
	}),
	"asMessageIds": maker(idsField),
	"asDate": maker(func(name string, t time.Time) ([]message.OutField, error) {
		return []message.OutField{message.DateField(name, t)}, nil
	}),
	"asURLs": maker(func(name string, urls []string) ([]message.OutField, error) {
		if len(urls) == 0 {
			return nil, nil
		}
		f, err := message.URLsField(name, urls)
		return []message.OutField{f}, err
	}),
}

// maker reads the value before a field is made of it.
func maker[T any](makeFields func(name string, value T) ([]message.OutField, error)) func(string, json.RawMessage) ([]message.OutField, error) {
	return func(name string, raw json.RawMessage) ([]message.OutField, error) {
		var value T
		if json.Unmarshal(raw, &value) != nil {
			return nil, errForm
		}
		return makeFields(name, value)
	}
}
