package jmap

// BridgeAccount is one of a member's mail accounts: where its servers are and how it is
// shown (CapabilityBridge). It is an object of the member's own account, the one they
// signed in with. Its id is that of the account in the session object. Passwords can be
// written, as "password", and never read; so can what came of signing in with a provider,
// as "grant".
type BridgeAccount struct {
	Id        Id           `json:"id"`
	Name      string       `json:"name"` // what the member calls it; "": by its address
	Address   string       `json:"address"`
	Colour    string       `json:"colour"` // "#rrggbb", or "" for none
	SortOrder int          `json:"sortOrder"`
	Incoming  BridgeServer `json:"incoming"`
	Outgoing  BridgeServer `json:"outgoing"`
	SignIn    string       `json:"signIn"` // one of SignIn…
	// SignInWith names the provider that is signed in with instead of a password; "": none.
	SignInWith string `json:"signInWith,omitzero"`
	IsOwn      bool   `json:"isOwn"` // the member signed in with it
	MayDelete  bool   `json:"mayDelete"`
}

// What BridgeAccount.SignIn can be.
const (
	SignInOK      = "ok"
	SignInRefused = "refused" // the server no longer takes the password: it is asked nothing until there is a new one
	SignInLocked  = "locked"  // the bridge does not know the password any more: the account is closed until it does
)

// BridgeServer is a mail server and who signs in there.
type BridgeServer struct {
	Protocol string `json:"protocol,omitzero"` // of incoming servers: "imap" or "pop3"
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security string `json:"security"` // "tls", "starttls" or "none"
	User     string `json:"user"`
	// Auth is "plain" or "login" to insist on one way of signing in, "none" for a server
	// that wants no password, and "" for what it offers. Of outgoing servers.
	Auth string `json:"auth,omitzero"`
	// KeepRule is how long a POP3 server keeps what was downloaded: "forever" (also ""),
	// "days", of which KeepDays is the number, or "deleted": until it is deleted here.
	KeepRule string `json:"keepRule,omitzero"`
	KeepDays int    `json:"keepDays,omitzero"`
	// PollMinutes is how often a POP3 server is looked at; 0: as often as usual.
	PollMinutes int `json:"pollMinutes,omitzero"`
}

// BridgeDiscovery is what BridgeAccount/discover finds out about an address.
type BridgeDiscovery struct {
	AccountId Id             `json:"accountId"`
	Incoming  []BridgeServer `json:"incoming"` // the best first; [] for none
	Outgoing  *BridgeServer  `json:"outgoing"`
	// SignInWith names the provider that is signed in with instead of a password; "": none.
	SignInWith string `json:"signInWith,omitzero"`
	Source     string `json:"source"` // "provider", "autoconfig", "srv", "wellknown", or "" for none
}

// BridgeTrial is what BridgeAccount/test finds out, step by step.
type BridgeTrial struct {
	AccountId Id           `json:"accountId"`
	Incoming  []BridgeStep `json:"incoming"`
	Outgoing  []BridgeStep `json:"outgoing"`
}

// BridgeStep is one step on the way to using a server. The first that fails is the last.
type BridgeStep struct {
	Step   string `json:"step"` // one of Step…
	Ok     bool   `json:"ok"`
	Detail string `json:"detail"` // in words; of a step that failed, why and what to do
}

// The steps of a BridgeTrial, as they usually come.
const (
	StepResolve   = "resolve"   // the server's name has an address
	StepConnect   = "connect"   // it takes the connection
	StepEncrypt   = "encrypt"   // TLS, and its certificate is valid for its name
	StepGreet     = "greet"     // it speaks the protocol
	StepSignIn    = "signIn"    // it takes the password
	StepMailboxes = "mailboxes" // it lists the mailboxes
)

// BridgeQueryResponse is the answer of BridgeEmail/query: emails of several accounts in one
// list. Ids of emails and mailboxes are unique over the accounts of a session of our bridge.
type BridgeQueryResponse struct {
	QueryResponse
	Accounts map[Id][]Id         `json:"accounts"`        // whose the ids are
	Failed   map[Id]*MethodError `json:"failed,omitzero"` // why an account's are missing
}

// BridgeQueryRequest is the arguments of BridgeEmail/query.
type BridgeQueryRequest struct {
	AccountId       Id                  `json:"accountId"`
	Filters         map[Id]*EmailFilter `json:"filters"` // of each account
	Position        int                 `json:"position,omitzero"`
	Anchor          Id                  `json:"anchor,omitzero"`
	AnchorOffset    int                 `json:"anchorOffset,omitzero"`
	Limit           *int                `json:"limit,omitzero"`
	CalculateTotal  bool                `json:"calculateTotal,omitzero"`
	CollapseThreads bool                `json:"collapseThreads,omitzero"`
}
