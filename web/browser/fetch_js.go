package browser

import (
	"context"
	"encoding/json"
	"errors"
	"syscall/js"
)

// Get asks for a JSON document of the bridge. A refusal is a *Problem.
func Get(ctx context.Context, url string, into any) error {
	return request(ctx, url, map[string]any{"method": "GET"}, into)
}

// Post sends a JSON document to the bridge. A refusal is a *Problem.
func Post(ctx context.Context, url string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return request(ctx, url, map[string]any{
		"method": "POST", "body": string(text), "headers": map[string]any{"Content-Type": "application/json"},
	}, into)
}

func request(ctx context.Context, url string, options map[string]any, into any) error {
	options["cache"] = "no-store"
	text, err := fetchText(ctx, url, options)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), into)
}

// fetchText is the body of an answer. A refusal is a *Problem.
func fetchText(ctx context.Context, url string, options map[string]any) (string, error) {
	abort := window.Get("AbortController").New()
	defer context.AfterFunc(ctx, func() { abort.Call("abort") })()
	options["signal"] = abort.Get("signal")
	response, err := await(window.Call("fetch", url, options))
	if err != nil {
		return "", err
	}
	text, err := await(response.Call("text"))
	if err != nil {
		return "", err
	}
	if !response.Get("ok").Bool() {
		return "", refusal(response.Get("status").Int(), text.String())
	}
	return text.String(), nil
}

// await waits for a promise. Not for callbacks of the event loop, which must not
// wait.
func await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	done := make(chan outcome, 1)
	ok := js.FuncOf(func(_ js.Value, args []js.Value) any { done <- outcome{value: args[0]}; return nil })
	failed := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{err: errors.New(args[0].Call("toString").String())}
		return nil
	})
	defer ok.Release()
	defer failed.Release()
	promise.Call("then", ok, failed)
	o := <-done
	return o.value, o.err
}
