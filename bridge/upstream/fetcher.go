package upstream

import (
	"fmt"
	"time"
)

// Fetcher is a Store that downloads what it shows (POP3). Its Watch does so.
type Fetcher interface {
	Store
	// FetchNow has it look at the server now, and go on with what was cancelled. It does
	// not wait.
	FetchNow()
	// Tasks is what it is doing that takes long, or what keeps it from doing it. Watch
	// tells of changes with Event.Tasks.
	Tasks() []Task
	// CancelTask ends a task, until FetchNow or the next start; false: there is none.
	CancelTask(id string) bool
}

// Task is long work in the background.
type Task struct {
	ID          string
	Done, Total int // messages
	Began       time.Time
	Err         error // why it does not go on for now; nil: it does
}

// Keep is how long a POP3 server keeps what was downloaded from it.
type Keep struct {
	Rule string `json:"rule"` // KeepForever (also ""), KeepDays or KeepUntilDeleted
	Days int    `json:"days,omitempty"`
}

// The rules of Keep.
const (
	KeepForever      = "forever"
	KeepDays         = "days"    // Days after the download; 0: at once
	KeepUntilDeleted = "deleted" // until it is destroyed here, or in Trash
)

// maxKeepDays is ten years.
const maxKeepDays = 3650

// Validate says what is wrong with the rule, in words for the person.
func (k Keep) Validate() error {
	switch k.Rule {
	case "", KeepForever, KeepUntilDeleted:
		return nil
	case KeepDays:
		if k.Days < 0 || k.Days > maxKeepDays {
			return fmt.Errorf("the server can keep a copy for 0 to %d days, not %d", maxKeepDays, k.Days)
		}
		return nil
	}
	return fmt.Errorf("the rule for copies on the server is %q; it can be %s, %s or %s", k.Rule, KeepForever, KeepDays, KeepUntilDeleted)
}
