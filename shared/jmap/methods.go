package jmap

import "encoding/json"

// GetRequest asks for records of one type (RFC 8620 §5.1). Nil Ids with no
// IdsRef means all of them.
type GetRequest struct {
	AccountId  Id               `json:"accountId"`
	Ids        []Id             `json:"ids,omitzero"`
	IdsRef     *ResultReference `json:"#ids,omitzero"`
	Properties []string         `json:"properties,omitzero"` // nil: all, or the type's default
}

// GetResponse answers a GetRequest with records of type T.
type GetResponse[T any] struct {
	AccountId Id    `json:"accountId"`
	State     State `json:"state"`
	List      []T   `json:"list"`
	NotFound  []Id  `json:"notFound"`
}

// EmailGetRequest is GetRequest with what Email/get adds (RFC 8621 §4.2).
type EmailGetRequest struct {
	GetRequest
	BodyProperties      []string `json:"bodyProperties,omitzero"`
	FetchTextBodyValues bool     `json:"fetchTextBodyValues,omitzero"`
	FetchHTMLBodyValues bool     `json:"fetchHTMLBodyValues,omitzero"`
	FetchAllBodyValues  bool     `json:"fetchAllBodyValues,omitzero"`
	MaxBodyValueBytes   int64    `json:"maxBodyValueBytes,omitzero"` // octets of UTF-8; 0: no limit
}

// ChangesRequest asks what became of a type since a state (RFC 8620 §5.2).
type ChangesRequest struct {
	AccountId  Id    `json:"accountId"`
	SinceState State `json:"sinceState"`
	MaxChanges int   `json:"maxChanges,omitzero"` // 0: the server's choice
}

// ChangesResponse lists ids, each at most once over the three lists.
type ChangesResponse struct {
	AccountId      Id    `json:"accountId"`
	OldState       State `json:"oldState"`
	NewState       State `json:"newState"`
	HasMoreChanges bool  `json:"hasMoreChanges"`
	Created        []Id  `json:"created"`
	Updated        []Id  `json:"updated"`
	Destroyed      []Id  `json:"destroyed"`
	// UpdatedProperties is what Mailbox/changes adds (RFC 8621 §2.2): when only
	// counts changed, their names; else nil, sent as null.
	UpdatedProperties []string `json:"updatedProperties,omitzero"`
}

// SetRequest creates, changes and destroys records (RFC 8620 §5.3).
type SetRequest struct {
	AccountId  Id                 `json:"accountId"`
	IfInState  State              `json:"ifInState,omitzero"`
	Create     map[Id]any         `json:"create,omitzero"`
	Update     map[Id]PatchObject `json:"update,omitzero"`
	Destroy    []Id               `json:"destroy,omitzero"`
	DestroyRef *ResultReference   `json:"#destroy,omitzero"`
	// What Mailbox/set adds (RFC 8621 §2.5).
	OnDestroyRemoveEmails bool `json:"onDestroyRemoveEmails,omitzero"`
	// What EmailSubmission/set adds (RFC 8621 §7.5); keys are submission ids or
	// "#" and a creation id.
	OnSuccessUpdateEmail  map[Id]PatchObject `json:"onSuccessUpdateEmail,omitzero"`
	OnSuccessDestroyEmail []Id               `json:"onSuccessDestroyEmail,omitzero"`
	// What BridgeAccount/set adds.
	OnDestroyDiscardSubmissions bool `json:"onDestroyDiscardSubmissions,omitzero"`
}

// SetResponse says what became of each part of a SetRequest.
type SetResponse struct {
	AccountId    Id                     `json:"accountId"`
	OldState     State                  `json:"oldState"`
	NewState     State                  `json:"newState"`
	Created      map[Id]json.RawMessage `json:"created"`
	Updated      map[Id]json.RawMessage `json:"updated"` // null, or what the server changed besides
	Destroyed    []Id                   `json:"destroyed"`
	NotCreated   map[Id]SetError        `json:"notCreated"`
	NotUpdated   map[Id]SetError        `json:"notUpdated"`
	NotDestroyed map[Id]SetError        `json:"notDestroyed"`
}

// Comparator is one key of a sort (RFC 8620 §5.5). IsAscending nil means true.
type Comparator struct {
	Property    string `json:"property"`
	IsAscending *bool  `json:"isAscending,omitzero"`
	Collation   string `json:"collation,omitzero"`
	Keyword     string `json:"keyword,omitzero"` // for the keyword sorts of RFC 8621 §4.4.2
}

// Ascending reports the direction, true when it was left out.
func (c Comparator) Ascending() bool { return c.IsAscending == nil || *c.IsAscending }

// QueryRequest asks for the ids that match, in order, a window of them
// (RFC 8620 §5.5). F is the type's filter.
type QueryRequest[F any] struct {
	AccountId       Id           `json:"accountId"`
	Filter          *F           `json:"filter,omitzero"`
	Sort            []Comparator `json:"sort,omitzero"`
	Position        int          `json:"position,omitzero"` // negative: from the end
	Anchor          Id           `json:"anchor,omitzero"`
	AnchorOffset    int          `json:"anchorOffset,omitzero"`
	Limit           *int         `json:"limit,omitzero"`
	CalculateTotal  bool         `json:"calculateTotal,omitzero"`
	CollapseThreads bool         `json:"collapseThreads,omitzero"` // Email/query only (RFC 8621 §4.4.3)
}

// QueryResponse answers a QueryRequest.
type QueryResponse struct {
	AccountId           Id    `json:"accountId"`
	QueryState          State `json:"queryState"`
	CanCalculateChanges bool  `json:"canCalculateChanges"`
	Position            int   `json:"position"`
	Ids                 []Id  `json:"ids"`
	Total               *int  `json:"total,omitzero"`
	Limit               *int  `json:"limit,omitzero"` // only when the server lowered it
}
