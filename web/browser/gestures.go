package browser

// Gestures are what fingers do with a list.
type Gestures struct {
	List, Row string // selectors: what scrolls, and a row of it, which has an id
	Bed       string // id of what lies behind a row that is swiped; its data say what becomes of that
	Pull      string // id of what shows behind a list that is pulled down

	Swiped func(row string, right bool) // far enough, and let go
	Held   func(row string)             // pressed for a while
	Pulled func()                       // down from its very top, and let go
}

// What becomes of a row that is swiped to a side: data-right and data-left of the bed.
const (
	SwipeOut  = "out"  // it leaves
	SwipeBack = "back" // it goes back to its place
	SwipeNone = "none" // it does not move at all
)
