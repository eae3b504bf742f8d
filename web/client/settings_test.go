package client

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/client/clienttest"
	"github.com/hearthmail/hearthmail/web/store"
)

// keeper is a bridge that keeps settings, and refuses all else.
type keeper struct {
	mu     sync.Mutex
	kept   map[string]json.RawMessage
	state  int
	lose   bool // the answer to the next set
	refuse bool
	asked  int
}

func (k *keeper) Call(_ context.Context, req *jmap.Request) (*jmap.Response, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	resp := &jmap.Response{}
	for _, call := range req.MethodCalls {
		var answer any
		name := call.Name
		switch name {
		case "BridgeSettings/get":
			k.asked++
			answer = map[string]any{"state": strconv.Itoa(k.state), "list": []any{map[string]any{"id": "singleton", "settings": k.kept}}}
		case "BridgeSettings/set":
			var set jmap.SetRequest
			if err := json.Unmarshal(call.Args, &set); err != nil {
				return nil, err
			}
			if k.refuse {
				answer = jmap.SetResponse{NotUpdated: map[jmap.Id]jmap.SetError{jmap.Singleton: {Type: jmap.SetTooLarge, Description: "no room"}}}
				break
			}
			old := k.state
			for path, v := range set.Update[jmap.Singleton] {
				raw, _ := json.Marshal(v)
				k.kept[strings.TrimPrefix(path, "settings/")] = raw
			}
			k.state++
			answer = jmap.SetResponse{OldState: jmap.State(strconv.Itoa(old)), NewState: jmap.State(strconv.Itoa(k.state))}
			if k.lose {
				k.lose = false
				return nil, errors.New("lost")
			}
		default:
			name, answer = "error", jmap.Failf(jmap.ServerUnavailable, "later")
		}
		inv, err := jmap.NewInvocation(name, answer, call.CallID)
		if err != nil {
			return nil, err
		}
		resp.MethodResponses = append(resp.MethodResponses, inv)
	}
	return resp, nil
}

func TestSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{kept: map[string]json.RawMessage{"theme": json.RawMessage(`"dark"`)}}
		loop := clienttest.NewLoop()
		s := store.New(loop.Post)
		c := New(s, k, loop.Post)
		do := func(f func()) { loop.Do(f); synctest.Wait() }
		theme := func(want string) {
			t.Helper()
			do(func() {
				if got := s.Settings().String("theme", ""); got != want {
					t.Errorf("theme %q, want %q", got, want)
				}
			})
		}
		session := clienttest.New().Session()
		session.Capabilities[jmap.CapabilityBridge] = json.RawMessage(`{}`)
		c.Connected(store.Connection{State: store.Online})
		do(func() { c.Start(session) })
		theme("dark")
		if k.asked != 1 {
			t.Errorf("asked %d times", k.asked)
		}

		set := func(value string) (refused error) {
			change := &store.SettingChange{Key: "theme", Value: json.RawMessage(value)}
			done := false
			do(func() {
				s.Settings().Begin(change)
				c.SaveSetting(change, func(err error) { done, refused = true, err; s.Settings().Settle(change, err != nil) })
			})
			time.Sleep(10 * time.Second) // a lost answer is waited for
			synctest.Wait()
			if !done {
				t.Errorf("%s was never settled", value)
			}
			return refused
		}
		k.lose = true
		if err := set(`"light"`); err != nil || string(k.kept["theme"]) != `"light"` {
			t.Errorf("%v, kept %s", err, k.kept["theme"])
		}
		theme("light")

		k.refuse = true
		if err := set(`"pink"`); err == nil {
			t.Error("the refusal was not told")
		}
		theme("light")

		// Another device chooses.
		k.mu.Lock()
		k.kept = map[string]json.RawMessage{"theme": json.RawMessage(`"sepia"`)}
		k.state = 77
		k.mu.Unlock()
		c.StateChanged(jmap.StateChange{Changed: map[jmap.Id]map[string]jmap.State{clienttest.AccountId: {"BridgeSettings": "77"}}})
		synctest.Wait()
		theme("sepia")
		c.Close()
		synctest.Wait()
		loop.Stop()
	})
}

// TestSettingsWithoutBridge: another server keeps none, and they count on this device.
func TestSettingsWithoutBridge(t *testing.T) {
	run(t, fill(1), func(x *app) {
		change := &store.SettingChange{Key: "theme", Value: json.RawMessage(`"dark"`)}
		x.do(func() {
			x.store.Settings().Begin(change)
			x.client.SaveSetting(change, func(err error) { x.store.Settings().Settle(change, err != nil) })
			if got := x.store.Settings().String("theme", ""); got != "dark" {
				x.Errorf("theme %q", got)
			}
		})
	})
}
