// Package sieve is a ManageSieve client (RFC 5804): the upstream.Scripts of real
// accounts. The bridge keeps the person's automatic reply with it.
//
// It is written for itself, on net.Conn, because the protocol is small and what is
// delicate about it is the same as everywhere: nothing that came before TLS is
// believed (connect.go), whatever a server sends is bounded (reader.go), silence ends
// (conn.go). One connection is opened when it is needed, lent to one call at a time,
// and closed after a minute without any (client.go).
package sieve
