package clienttest

// Loop is a UI loop for tests: one goroutine that runs what is posted, in order.
// Use it inside a testing/synctest bubble.
type Loop struct {
	work chan func()
	done chan struct{}
}

// NewLoop starts a loop; Stop ends it.
func NewLoop() *Loop {
	l := &Loop{work: make(chan func(), 1<<16), done: make(chan struct{})}
	go func() {
		for {
			select {
			case f := <-l.work:
				f()
			case <-l.done:
				return
			}
		}
	}()
	return l
}

// Post has f run on the loop.
func (l *Loop) Post(f func()) { l.work <- f }

// Do runs f on the loop and waits for it.
func (l *Loop) Do(f func()) {
	ran := make(chan struct{})
	l.Post(func() {
		defer close(ran)
		f()
	})
	<-ran
}

// Stop ends the loop.
func (l *Loop) Stop() { close(l.done) }
