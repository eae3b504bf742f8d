package method

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// evaluatePointer finds what a JSON pointer (RFC 6901) with the * of RFC 8620
// §3.7 names in a document.
func evaluatePointer(doc json.RawMessage, path string) (json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber() // large integers stay what they are
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, errors.New("the earlier answer cannot be read")
	}
	if path != "" && path[0] != '/' {
		return nil, errors.New("a path begins with /")
	}
	found, err := walkPointer(value, pointerTokens(path))
	if err != nil {
		return nil, err
	}
	return json.Marshal(found)
}

// pointerTokens splits a JSON pointer and undoes its escapes.
func pointerTokens(path string) []string {
	if path == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, t := range tokens {
		tokens[i] = unescapePointer(t)
	}
	return tokens
}

func walkPointer(value any, tokens []string) (any, error) {
	if len(tokens) == 0 {
		return value, nil
	}
	switch v := value.(type) {
	case map[string]any:
		next, ok := v[tokens[0]]
		if !ok {
			return nil, errors.New("the path leads nowhere")
		}
		return walkPointer(next, tokens[1:])
	case []any:
		if tokens[0] == "*" {
			return mapPointer(v, tokens[1:])
		}
		i, err := strconv.Atoi(tokens[0])
		if err != nil || i < 0 || i >= len(v) || strconv.Itoa(i) != tokens[0] {
			return nil, errors.New("the path leads nowhere")
		}
		return walkPointer(v[i], tokens[1:])
	}
	return nil, errors.New("the path leads nowhere")
}

// mapPointer applies the rest of a pointer to each item and joins what are
// arrays themselves into one.
func mapPointer(items []any, tokens []string) (any, error) {
	out := []any{}
	for _, item := range items {
		found, err := walkPointer(item, tokens)
		if err != nil {
			return nil, err
		}
		if list, ok := found.([]any); ok {
			out = append(out, list...)
		} else {
			out = append(out, found)
		}
	}
	return out, nil
}

// unescapePointer reads one token of a JSON pointer (RFC 6901 §4).
func unescapePointer(token string) string { return pointerEscapes.Replace(token) }

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")
