package gateway

import (
	"net/http"
	"strings"
	"testing"
)

// sessionRules look at the session object only.
var sessionRules = []rule{
	{"RFC 8620 §2 capabilities are there", func(t *testing.T, h *house) {
		shaped(t, h.session, "capabilities object, accounts object, primaryAccounts object, username string, apiUrl string, downloadUrl string, uploadUrl string, eventSourceUrl string, state string")
	}},
	{"RFC 8620 §2 core", func(t *testing.T, h *house) { shaped(t, dig(h.session, "capabilities"), usesCore+" object") }},
	{"RFC 8621 §1.3.1 mail", func(t *testing.T, h *house) { shaped(t, dig(h.session, "capabilities"), usesMail+" object") }},
	{"RFC 8621 §1.3.2 submission", func(t *testing.T, h *house) {
		shaped(t, dig(h.session, "capabilities"), usesSubmission+" object")
		shaped(t, dig(h.session, "accounts", h.account, "accountCapabilities", usesSubmission), "maxDelayedSend number, submissionExtensions object")
	}},
	{"RFC 8620 §2 limits", func(t *testing.T, h *house) {
		shaped(t, dig(h.session, "capabilities", usesCore), "maxSizeUpload number, maxConcurrentUpload number, maxSizeRequest number, maxConcurrentRequests number, maxCallsInRequest number, maxObjectsInGet number, maxObjectsInSet number, collationAlgorithms array")
		if n := number(t, h.session, "capabilities", usesCore, "maxObjectsInSet"); n < 50 {
			t.Errorf("maxObjectsInSet is %v", n)
		}
	}},
	{"RFC 8620 §2 accounts", func(t *testing.T, h *house) {
		accounts, _ := dig(h.session, "accounts").(obj)
		if len(accounts) == 0 {
			t.Error("there are none")
		}
		for id, account := range accounts {
			shaped(t, account, "name string, isPersonal bool, isReadOnly bool, accountCapabilities object")
			if len(id) == 0 || len(id) > 255 {
				t.Errorf("account id %q", id)
			}
		}
	}},
	{"RFC 8620 §2 primary accounts", func(t *testing.T, h *house) {
		if kind(dig(h.session, "accounts", h.account)) != "object" {
			t.Errorf("account %s is not among the accounts", h.account)
		}
		equal(t, "the one for submission", dig(h.session, "primaryAccounts", usesSubmission), h.account)
	}},
	{"RFC 8620 §2 username", func(t *testing.T, h *house) { equal(t, "username", dig(h.session, "username"), h.user) }},
	{"RFC 8620 §2 apiUrl", func(t *testing.T, h *house) { absolute(t, h, "apiUrl") }},
	{"RFC 8620 §6.2 downloadUrl", func(t *testing.T, h *house) {
		absolute(t, h, "downloadUrl", "{accountId}", "{blobId}", "{name}", "{type}")
	}},
	{"RFC 8620 §6.1 uploadUrl", func(t *testing.T, h *house) { absolute(t, h, "uploadUrl", "{accountId}") }},
	{"RFC 8620 §7.3 eventSourceUrl", func(t *testing.T, h *house) {
		absolute(t, h, "eventSourceUrl", "{types}", "{closeafter}", "{ping}")
	}},
	{"RFC 8620 §2 state", func(t *testing.T, h *house) {
		_, answers := h.request(t, []string{usesCore}, call{"Core/echo", obj{}, "a"})
		equal(t, "Core/echo", answers[0].name, "Core/echo")
		// What the bridge learns of an account in the background is news for the session.
		now := connect(t, h.bridge.URL, h.user, h.password)
		response, _ := h.request(t, []string{usesCore})
		equal(t, "sessionState", dig(response, "sessionState"), text(t, now.session, "state"))
	}},
	{"RFC 8620 §8.2 only with the right name and password", func(t *testing.T, h *house) {
		for _, who := range []client{{user: h.user, password: "guessed"}, {user: "ada", password: h.password}, {user: h.user}} {
			who.http = h.http
			status, header, body := who.do(t, http.MethodGet, h.bridge.URL+"/.well-known/jmap", "", nil)
			if status != http.StatusUnauthorized || !strings.HasPrefix(header.Get("WWW-Authenticate"), "Basic") {
				t.Errorf("%s: %d %v %s", who.user, status, header, body)
			}
		}
	}},
	{"RFC 8621 §1.3.1 the account's mail", func(t *testing.T, h *house) {
		shaped(t, dig(h.session, "accounts", h.account, "accountCapabilities"), usesMail+" object")
	}},
	{"RFC 8621 §1.3.1 what it says of mail", func(t *testing.T, h *house) {
		mail := dig(h.session, "accounts", h.account, "accountCapabilities", usesMail)
		shaped(t, mail, "maxMailboxesPerEmail number|null, maxMailboxDepth number|null, maxSizeMailboxName number, maxSizeAttachmentsPerEmail number, emailQuerySortOptions array, mayCreateTopLevelMailbox bool")
		equal(t, "maxMailboxesPerEmail", dig(mail, "maxMailboxesPerEmail"), 20)
		includes(t, "emailQuerySortOptions", dig(mail, "emailQuerySortOptions"), "receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword")
	}},
}

// absolute checks that a client can use a URL of the session as it is.
func absolute(t *testing.T, h *house, member string, variables ...string) {
	t.Helper()
	address := text(t, h.session, member)
	if !strings.HasPrefix(address, h.bridge.URL) {
		t.Errorf("%s is %s", member, address)
	}
	for _, v := range variables {
		if strings.Count(address, v) != 1 {
			t.Errorf("%s is %s, without one %s", member, address, v)
		}
	}
}
