package downstream

import "sync"

// slots counts what each client has under way at once.
type slots struct {
	most int

	mu    sync.Mutex
	taken map[string]int // by client; guarded by mu
}

func newSlots(most int) *slots { return &slots{most: most, taken: map[string]int{}} }

// take takes a slot; false when the client has none left. A slot that was taken has to be
// given back.
func (s *slots) take(client string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[client] >= s.most {
		return false
	}
	s.taken[client]++
	return true
}

func (s *slots) give(client string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[client]--; s.taken[client] == 0 {
		delete(s.taken, client)
	}
}
