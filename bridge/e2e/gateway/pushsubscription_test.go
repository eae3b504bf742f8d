package gateway

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// device is a push service and the device behind it.
type device struct {
	url    string
	pushed chan obj
}

// device starts a push service that the bridge believes and may reach.
func (h *house) device(t *testing.T) *device {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", h.provider.Authority.Config(t, "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	d := &device{url: "https://" + listener.Addr().(*net.TCPAddr).String() + "/push", pushed: make(chan obj, 100)}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var of obj
		if err != nil || r.Method != http.MethodPost || r.Header.Get("TTL") == "" || json.Unmarshal(body, &of) != nil {
			t.Errorf("pushed: %s %v %q", r.Method, r.Header, body)
		}
		w.WriteHeader(http.StatusCreated)
		d.pushed <- of
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return d
}

// next is what is pushed next.
func (d *device) next(t *testing.T) obj {
	t.Helper()
	select {
	case of := <-d.pushed:
		return of
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was pushed")
		return nil
	}
}

// subscribe creates a push subscription and destroys it when the test ends.
func (h *house) subscribe(t *testing.T, properties obj) obj {
	t.Helper()
	created, _ := dig(h.call(t, "PushSubscription/set", obj{"create": obj{"p": with(obj{"deviceClientId": "a1b2c3"}, properties)}}), "created", "p").(obj)
	id := text(t, created, "id")
	t.Cleanup(func() { h.one(t, "PushSubscription/set", obj{"destroy": []string{id}}) })
	return created
}

// verify answers what was pushed first, as a device must.
func (h *house) verify(t *testing.T, d *device, id string) {
	t.Helper()
	first := d.next(t)
	equal(t, "@type", dig(first, "@type"), "PushVerification")
	equal(t, "pushSubscriptionId", dig(first, "pushSubscriptionId"), id)
	set := h.call(t, "PushSubscription/set", obj{"update": obj{id: obj{"verificationCode": text(t, first, "verificationCode")}}})
	if kind(dig(set, "updated", id)) == "missing" {
		t.Fatalf("not verified: %s", show(set))
	}
}

var pushSubscriptionRules = []rule{
	{"RFC 8620 §7.2 only https", func(t *testing.T, h *house) {
		set := h.call(t, "PushSubscription/set", obj{"create": obj{"bad": obj{"deviceClientId": "a", "url": "http://example.com/push", "types": nil}}})
		equal(t, "type", dig(set, "notCreated", "bad", "type"), "invalidProperties")
	}},
	{"RFC 8620 §7.2 verified, then told what changed", func(t *testing.T, h *house) {
		d := h.device(t)
		created := h.subscribe(t, obj{"url": d.url, "types": nil})
		h.verify(t, d, text(t, created, "id"))
		set := h.write(t, h.mailboxes["inbox"], "Pushed", nil)
		for now := ""; now != text(t, set, "newState"); { // what came before may be told before
			change := d.next(t)
			equal(t, "@type", dig(change, "@type"), "StateChange")
			now = text(t, change, "changed", h.account, "Email")
		}
	}},
	{"RFC 8620 §7.2.2 create", func(t *testing.T, h *house) {
		shaped(t, h.subscribe(t, obj{"url": h.device(t).url}), "id string, expires string, keys null|missing, url missing")
	}},
	{"RFC 8620 §7.2.1 get, without what is secret", func(t *testing.T, h *house) {
		created := h.subscribe(t, obj{"url": h.device(t).url, "types": []string{"Email"}})
		got := h.get(t, "PushSubscription", text(t, created, "id"), nil)
		shaped(t, got, "id string, deviceClientId string, verificationCode null|missing, expires string, types array, url missing, keys missing")
		equal(t, "deviceClientId", dig(got, "deviceClientId"), "a1b2c3")
		equal(t, "types", dig(got, "types"), []string{"Email"})
		equal(t, "type", h.refused(t, "PushSubscription/get", obj{"ids": nil, "properties": []string{"url"}}), "forbidden")
	}},
	{"RFC 8620 §7.2.2 destroy", func(t *testing.T, h *house) {
		id := text(t, h.subscribe(t, obj{"url": h.device(t).url}), "id")
		equal(t, "destroyed", dig(h.call(t, "PushSubscription/set", obj{"destroy": []string{id}}), "destroyed"), []string{id})
		equal(t, "notFound", dig(h.call(t, "PushSubscription/get", obj{"ids": []string{id}}), "notFound"), []string{id})
		equal(t, "all", dig(h.call(t, "PushSubscription/get", obj{"ids": nil}), "list"), []any{})
	}},
	{"RFC 8620 §7.2 only some types", func(t *testing.T, h *house) {
		d := h.device(t)
		h.verify(t, d, text(t, h.subscribe(t, obj{"url": d.url, "types": []string{"Email", "Mailbox"}}), "id"))
		h.write(t, h.mailboxes["inbox"], "Pushed in part", nil)
		shaped(t, dig(d.next(t), "changed", h.account), "Email string, Mailbox string, Thread missing")
	}},
	{"RFC 8620 §7.2 a service that cannot be reached does no harm", func(t *testing.T, h *house) {
		started := time.Now()
		h.subscribe(t, obj{"url": "https://127.0.0.1:1/push"})
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	}},
	{"RFC 8620 §7.2.2 another code verifies nothing", func(t *testing.T, h *house) {
		id := text(t, h.subscribe(t, obj{"url": h.device(t).url}), "id")
		set := h.call(t, "PushSubscription/set", obj{"update": obj{id: obj{"verificationCode": "guessed"}}})
		equal(t, "type", dig(set, "notUpdated", id, "type"), "invalidProperties")
	}},
	{"RFC 8620 §7.2 a person sees no other's", func(t *testing.T, h *house) {
		id := text(t, h.subscribe(t, obj{"url": h.device(t).url}), "id")
		equal(t, "notFound", dig(h.other.call(t, "PushSubscription/get", obj{"ids": []string{id}}), "notFound"), []string{id})
	}},
}
