package store

import "github.com/hearthmail/hearthmail/shared/jmap"

// Vacation is the automatic reply, nil until it is known, and why it is not.
func (a *Account) Vacation() (*jmap.VacationResponse, error) { return a.vacation, a.vacationErr }

// SetVacation takes over the automatic reply, or why it could not be had.
func (a *Account) SetVacation(v *jmap.VacationResponse, err error) {
	a.vacation, a.vacationErr = v, err
	a.store.changed(PartAccounts)
}
