package store

import "github.com/hearthmail/hearthmail/shared/jmap"

// Raw is a message about to be sent that is put together of pieces.
type Raw struct {
	Pieces     []Piece
	IdentityId jmap.Id
	Envelope   *jmap.Envelope
	Drafts     jmap.Id          // where it is until it is sent
	After      jmap.PatchObject // what becomes of it then; nil: it is destroyed
}

// Piece is text, or all of a blob.
type Piece struct {
	Text   string  `json:"data:asText,omitzero"`
	BlobId jmap.Id `json:"blobId,omitzero"`
}
