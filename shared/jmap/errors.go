package jmap

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Request-level error types (RFC 8620 §3.6.1).
const (
	ErrUnknownCapability = "urn:ietf:params:jmap:error:unknownCapability"
	ErrNotJSON           = "urn:ietf:params:jmap:error:notJSON"
	ErrNotRequest        = "urn:ietf:params:jmap:error:notRequest"
	ErrLimit             = "urn:ietf:params:jmap:error:limit"
)

// RequestError refuses a whole request; a problem document (RFC 7807).
type RequestError struct {
	Type   string `json:"type"`
	Status int    `json:"status"`
	Title  string `json:"title,omitzero"`
	Detail string `json:"detail,omitzero"`
	Limit  string `json:"limit,omitzero"` // the limit's name when Type is ErrLimit
}

func (e *RequestError) Error() string {
	return fmt.Sprintf("request refused: %s: %s", e.Type, e.Detail)
}

// Method-level error types (RFC 8620 §3.6.2, §5; RFC 8621).
const (
	ServerUnavailable           = "serverUnavailable"
	ServerFail                  = "serverFail"
	ServerPartialFail           = "serverPartialFail"
	UnknownMethod               = "unknownMethod"
	InvalidArguments            = "invalidArguments"
	InvalidResultReference      = "invalidResultReference"
	Forbidden                   = "forbidden"
	AccountNotFound             = "accountNotFound"
	AccountNotSupportedByMethod = "accountNotSupportedByMethod"
	AccountReadOnly             = "accountReadOnly"
	FromAccountNotFound         = "fromAccountNotFound"
	RequestTooLarge             = "requestTooLarge"
	StateMismatch               = "stateMismatch"
	CannotCalculateChanges      = "cannotCalculateChanges"
	AnchorNotFound              = "anchorNotFound"
	UnsupportedSort             = "unsupportedSort"
	UnsupportedFilter           = "unsupportedFilter"
	TooManyChanges              = "tooManyChanges"
	UnknownDataType             = "unknownDataType" // RFC 9404 §4.3
)

// MethodError answers one method call that failed: ["error", {type, …}, id].
type MethodError struct {
	Type        string   `json:"type"`
	Description string   `json:"description,omitzero"`
	Arguments   []string `json:"arguments,omitzero"` // the offending ones, for invalidArguments

	cause error
}

func (e *MethodError) Error() string {
	if e.Description == "" {
		return e.Type
	}
	return e.Type + ": " + e.Description
}

// Unwrap gives the cause, which is for the log and never for the client.
func (e *MethodError) Unwrap() error { return e.cause }

// Fail makes a method error of a cause that only the log will see.
func Fail(kind string, cause error) *MethodError { return &MethodError{Type: kind, cause: cause} }

// Failf makes a method error with words for the client.
func Failf(kind, format string, args ...any) *MethodError {
	return &MethodError{Type: kind, Description: fmt.Sprintf(format, args...)}
}

// AsMethodError turns an answer named "error" into the error it carries, and
// anything else into nil.
func AsMethodError(answer Invocation) error {
	if answer.Name != "error" {
		return nil
	}
	e := new(MethodError)
	if err := json.Unmarshal(answer.Args, e); err != nil || e.Type == "" {
		return errors.New("an error answer without a type")
	}
	return e
}

// Types of SetError (RFC 8620 §5.3, RFC 8621 §2.5, §4.6, §7.5).
const (
	SetForbidden         = "forbidden"
	SetOverQuota         = "overQuota"
	SetTooLarge          = "tooLarge"
	SetRateLimit         = "rateLimit"
	SetNotFound          = "notFound"
	SetInvalidPatch      = "invalidPatch"
	SetWillDestroy       = "willDestroy"
	SetInvalidProperties = "invalidProperties"
	SetSingleton         = "singleton"
	SetAlreadyExists     = "alreadyExists"
	SetServerFail        = "serverFail"
	// Of our own (CapabilityBridge): a mail server did not take an account's settings; an
	// account has messages to send.
	SetServerRefused      = "serverRefused"
	SetSubmissionsWaiting = "submissionsWaiting"
	SetTooManyKeywords    = "tooManyKeywords"
	SetTooManyMailboxes   = "tooManyMailboxes"
	SetBlobNotFound       = "blobNotFound"
	SetInvalidEmail       = "invalidEmail"
	SetTooManyRecipients  = "tooManyRecipients"
	SetNoRecipients       = "noRecipients"
	SetInvalidRecipients  = "invalidRecipients"
	SetForbiddenMailFrom  = "forbiddenMailFrom"
	SetForbiddenFrom      = "forbiddenFrom"
	SetForbiddenToSend    = "forbiddenToSend"
	SetCannotUnsend       = "cannotUnsend"
	SetMailboxHasChild    = "mailboxHasChild"
	SetMailboxHasEmail    = "mailboxHasEmail"
)

// SetError says why one record of a /set was not changed.
type SetError struct {
	Type              string   `json:"type"`
	Description       string   `json:"description,omitzero"`
	Properties        []string `json:"properties,omitzero"`        // invalidProperties, invalidEmail
	NotFound          []Id     `json:"notFound,omitzero"`          // blobNotFound
	InvalidRecipients []string `json:"invalidRecipients,omitzero"` // invalidRecipients
	ExistingId        Id       `json:"existingId,omitzero"`        // alreadyExists
	MaxRecipients     int      `json:"maxRecipients,omitzero"`     // tooManyRecipients
	MaxSize           int64    `json:"maxSize,omitzero"`           // tooLarge; octets
	// ResponseCode is the mail server's own code (IMAP, RFC 5530, or SMTP enhanced
	// status), sent only to clients that use CapabilityBridge.
	ResponseCode string `json:"responseCode,omitzero"`
	// Server is the host:port of a server that did not take its settings, and Step what was
	// being done (BridgeAccount/set).
	Server string `json:"server,omitzero"`
	Step   string `json:"step,omitzero"`
}

func (e *SetError) Error() string {
	if e.Description == "" {
		return e.Type
	}
	return e.Type + ": " + e.Description
}
