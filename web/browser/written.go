package browser

// Written keeps what a member is writing on this device, across reloads and crashes. It is
// an action.Keeper.
type Written struct {
	Member string // whose it is: nobody else on this device gets it
}
