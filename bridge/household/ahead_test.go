package household

import "testing"

// What is hashed while the mail server is asked is not hashed again.
func TestAhead(t *testing.T) {
	h, _ := newHouse(t)
	if _, _, err := h.SignIn(t.Context(), ada(), Client{}); err != nil {
		t.Fatal(err)
	}
	forget := h.Ahead(t.Context(), ada())
	hashing.Lock() // free once the key is there; from here on nobody hashes
	_, _, err := h.SignIn(t.Context(), ada(), Client{})
	if err != nil {
		t.Fatal(err)
	}
	h.Ahead(t.Context(), ada())() // waits for nobody
	hashing.Unlock()
	forget()
	if len(early.keys) > 0 {
		t.Error("the key of a password was kept")
	}
	stranger := ada()
	stranger.Address = "grace@example.org"
	h.Ahead(t.Context(), stranger)()
	if !hashing.TryLock() {
		t.Error("the password of somebody who is no member was hashed")
	} else {
		hashing.Unlock()
	}
}
