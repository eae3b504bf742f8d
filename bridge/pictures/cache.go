package pictures

import (
	"container/list"
	"context"
	"sync"
	"time"
)

const (
	// cacheOctets is what all pictures kept take, so that a newsletter opened twice is
	// fetched once.
	cacheOctets = 16 << 20
	// cacheTime is how long a picture is kept.
	cacheTime = time.Hour
)

// cache keeps pictures for each member apart, those that were asked for last.
type cache struct {
	mu     *sync.Mutex
	held   map[key]*list.Element    // guarded by mu
	used   *list.List               // guarded by mu; of *kept, latest first
	octets int                      // guarded by mu
	busy   map[string]chan struct{} // guarded by mu; by member: what is being fetched
}

type key struct{ member, address string }

type kept struct {
	key     key
	picture Picture
	until   time.Time
}

func newCache() cache {
	return cache{mu: new(sync.Mutex), held: map[key]*list.Element{}, used: list.New(), busy: map[string]chan struct{}{}}
}

// slot is one picture's place.
type slot struct {
	cache *cache
	key   key
}

// enter waits until a member fetches fewer than atOnce pictures.
func (c *cache) enter(ctx context.Context, member, address string) (slot, func(), error) {
	c.mu.Lock()
	places := c.busy[member]
	if places == nil {
		places = make(chan struct{}, atOnce)
		c.busy[member] = places
	}
	c.mu.Unlock()
	select {
	case places <- struct{}{}:
		return slot{c, key{member, address}}, func() { <-places }, nil
	case <-ctx.Done():
		return slot{}, nil, ctx.Err()
	}
}

func (s slot) get(now time.Time) (Picture, bool) {
	c := s.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.held[s.key]
	if !ok || now.After(e.Value.(*kept).until) {
		return Picture{}, false
	}
	c.used.MoveToFront(e)
	return e.Value.(*kept).picture, true
}

func (s slot) put(p Picture, now time.Time) {
	c := s.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.held[s.key]; ok {
		c.drop(e)
	}
	c.held[s.key] = c.used.PushFront(&kept{s.key, p, now.Add(cacheTime)})
	c.octets += len(p.Data)
	for c.octets > cacheOctets && c.used.Len() > 0 {
		c.drop(c.used.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	k := e.Value.(*kept)
	c.used.Remove(e)
	delete(c.held, k.key)
	c.octets -= len(k.picture.Data)
}
