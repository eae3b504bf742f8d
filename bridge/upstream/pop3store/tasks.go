package pop3store

import (
	"context"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// taskDownload is the only task there is.
const taskDownload = "download"

// tellEvery is how often progress is told.
const tellEvery = time.Second

// tasks is what the download tells of itself.
type tasks struct {
	mu     sync.Mutex
	task   *upstream.Task     // guarded by mu; nil: nothing that anybody need know of
	cancel context.CancelFunc // guarded by mu; of what task tells of
	told   time.Time          // guarded by mu
	// notNow is the UID in INBOX up to which nothing is downloaded: it was cancelled.
	notNow uint32 // guarded by mu
	newest uint32 // guarded by mu; the highest UID that is being downloaded
}

// Tasks is the download, while it takes long or cannot go on.
func (s *Store) Tasks() []upstream.Task {
	s.tasks.mu.Lock()
	defer s.tasks.mu.Unlock()
	if s.tasks.task == nil {
		return nil
	}
	return []upstream.Task{*s.tasks.task}
}

// CancelTask ends the download of what lies there now; what comes later is downloaded.
func (s *Store) CancelTask(id string) bool {
	t := &s.tasks
	t.mu.Lock()
	there := t.task != nil && t.task.ID == id
	if there && t.cancel != nil {
		t.cancel()
		t.notNow = max(t.notNow, t.newest)
	}
	if there {
		t.task = nil
	}
	t.mu.Unlock()
	if there {
		s.listeners.Tell(upstream.Event{Tasks: true})
	}
	return there
}

// FetchNow has the server be looked at now.
func (s *Store) FetchNow() {
	s.tasks.mu.Lock()
	s.tasks.notNow = 0
	s.tasks.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// begin says that so many messages are being downloaded, the newest with this UID.
func (s *Store) begin(total int, newest uint32, cancel context.CancelFunc) {
	s.tasks.mu.Lock()
	s.tasks.task = &upstream.Task{ID: taskDownload, Total: total, Began: time.Now()}
	s.tasks.cancel, s.tasks.newest = cancel, newest
	s.tasks.mu.Unlock()
	s.listeners.Tell(upstream.Event{Tasks: true})
}

// progress says how many more are done.
func (s *Store) progress(more int) {
	s.tasks.mu.Lock()
	tell := false
	if t := s.tasks.task; t != nil && t.Err == nil {
		t.Done += more
		if tell = time.Since(s.tasks.told) > tellEvery; tell {
			s.tasks.told = time.Now()
		}
	}
	s.tasks.mu.Unlock()
	if tell {
		s.listeners.Tell(upstream.Event{Tasks: true})
	}
}

// end says that nothing is under way, and why nothing can be (nil: there is no reason).
func (s *Store) end(err error) {
	s.tasks.mu.Lock()
	was := s.tasks.task
	s.tasks.task, s.tasks.cancel = nil, nil
	if err != nil {
		s.tasks.task = &upstream.Task{ID: taskDownload, Began: time.Now(), Err: err}
		if was != nil {
			s.tasks.task.Done, s.tasks.task.Total, s.tasks.task.Began = was.Done, was.Total, was.Began
		}
	}
	s.tasks.mu.Unlock()
	if was != nil || err != nil {
		s.listeners.Tell(upstream.Event{Tasks: true})
	}
}
