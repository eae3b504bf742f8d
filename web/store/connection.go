package store

import "time"

// ConnectionState is how far the way to the bridge is open.
type ConnectionState int

// States of the connection.
const (
	Connecting ConnectionState = iota
	Online
	Offline
)

// Connection is the state of the way to the bridge.
type Connection struct {
	State   ConnectionState
	RetryAt time.Time // when Offline: the next attempt, zero if none is planned
	Err     error     // when Offline: why, may be nil
}

// Connection is the state of the way to the bridge.
func (s *Store) Connection() Connection { return s.connection }

// SetConnection records the state of the way to the bridge.
func (s *Store) SetConnection(c Connection) {
	s.connection = c
	s.changed(PartConnection)
}
