// Package jmap holds the words the bridge and the app must agree on: the
// objects and messages of JMAP as Go types.
//
// Sources: RFC 8620 (core), RFC 8621 (mail and submission), RFC 8887 (JMAP over
// WebSocket). Everything is plain data with a JSON form; nothing here does I/O,
// and only the standard library is used, because this package is part of
// app.wasm.
//
// JSON conventions: a field that may be left out of a request carries omitzero,
// so a nil slice is left out and an empty one is sent as []. Answers in which
// the RFCs demand null, [] or {} are built by the bridge property by property
// (see bridge/method), not by marshalling these structs.
package jmap
