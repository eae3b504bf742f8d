package jmap

import "time"

// Singleton is the id of the one object of a type that has just one in an account.
const Singleton Id = "singleton"

// VacationResponse is an automatic reply to mail that arrives (RFC 8621 §8).
type VacationResponse struct {
	Id        Id         `json:"id"`
	IsEnabled bool       `json:"isEnabled"`
	FromDate  *time.Time `json:"fromDate"` // nil: since ever
	ToDate    *time.Time `json:"toDate"`   // not any more from then on; nil: for ever
	Subject   *string    `json:"subject"`  // nil: the server's choice
	TextBody  *string    `json:"textBody"`
	HtmlBody  *string    `json:"htmlBody"`
}
