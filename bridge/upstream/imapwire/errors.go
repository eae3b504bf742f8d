package imapwire

import (
	"errors"
	"fmt"
)

var (
	// ErrProtocol: the server breaks the protocol. The connection is of no more use.
	ErrProtocol = errors.New("the server breaks the protocol")
	// ErrTooMuch: the server sent more than Options.Budget for one command.
	ErrTooMuch = errors.New("the server sent more than was asked for")
	// ErrCannotSay: a command cannot be written so that it means what it should. Nothing
	// was sent.
	ErrCannotSay = errors.New("this cannot be said in IMAP")
)

func violation(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)
}
