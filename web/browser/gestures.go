package browser

// Gestures are what fingers do with a list.
type Gestures struct {
	List, Row string // selectors: what scrolls, and a row of it, which has an id
	Bed       string // id of what lies behind a row that is swiped
	Pull      string // id of what shows behind a list that is pulled down

	Swiped func(row string, right bool) // far enough, and let go
	Held   func(row string)             // pressed for a while
	Pulled func()                       // down from its very top, and let go
}
