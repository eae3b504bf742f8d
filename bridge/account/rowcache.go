package account

import (
	"container/list"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// rowsKept is how many list rows an account keeps in memory, about 2 KB each.
const rowsKept = 2000

// rowCache keeps the rows that were asked for last.
type rowCache struct {
	byID map[jmap.Id]*list.Element
	used *list.List // of *cachedRow, latest first
}

type cachedRow struct {
	id  jmap.Id
	row upstream.Row
}

func newRowCache() rowCache {
	return rowCache{byID: map[jmap.Id]*list.Element{}, used: list.New()}
}

// get gives the cached row itself; who changes its Keywords replaces the map.
func (c *rowCache) get(id jmap.Id) (*upstream.Row, bool) {
	e, ok := c.byID[id]
	if !ok {
		return nil, false
	}
	c.used.MoveToFront(e)
	return &e.Value.(*cachedRow).row, true
}

func (c *rowCache) put(id jmap.Id, row upstream.Row) {
	if e, ok := c.byID[id]; ok {
		e.Value.(*cachedRow).row = row
		c.used.MoveToFront(e)
		return
	}
	c.byID[id] = c.used.PushFront(&cachedRow{id, row})
	if c.used.Len() > rowsKept {
		c.remove(c.used.Back().Value.(*cachedRow).id)
	}
}

func (c *rowCache) remove(id jmap.Id) {
	if e, ok := c.byID[id]; ok {
		c.used.Remove(e)
		delete(c.byID, id)
	}
}

// ids lists what is cached.
func (c *rowCache) ids() []jmap.Id {
	ids := make([]jmap.Id, 0, len(c.byID))
	for id := range c.byID {
		ids = append(ids, id)
	}
	return ids
}
