package gateway

import "testing"

// rule is one thing that a specification asks of a server.
type rule struct {
	name  string // with its section
	check func(t *testing.T, h *house)
}

// TestForeignClient is a client of somebody else's in front of the bridge.
func TestForeignClient(t *testing.T) {
	h := open(t)
	for _, group := range []struct {
		name  string
		rules []rule
	}{
		{"Session", sessionRules},
		{"Core", coreRules},
		{"RequestErrors", requestErrorRules},
		{"MethodErrors", methodErrorRules},
		{"References", referenceRules},
		{"Upload", uploadRules},
		{"Download", downloadRules},
		{"BlobCopy", blobCopyRules},
		{"MailboxGet", mailboxGetRules},
		{"MailboxChanges", mailboxChangesRules},
		{"MailboxQuery", mailboxQueryRules},
		{"MailboxSet", mailboxSetRules},
		{"Thread", threadRules},
		{"EmailGet", emailGetRules},
		{"EmailHeaders", emailHeaderRules},
		{"EmailBody", emailBodyRules},
		{"EmailChanges", emailChangesRules},
		{"EmailFilter", emailFilterRules},
		{"EmailSort", emailSortRules},
		{"EmailWindow", emailWindowRules},
		{"EmailCollapse", emailCollapseRules},
		{"EmailQueryChanges", emailQueryChangesRules},
		{"EmailCreate", emailCreateRules},
		{"EmailUpdate", emailUpdateRules},
		{"EmailDestroy", emailDestroyRules},
		{"EmailCopy", emailCopyRules},
		{"EmailImport", emailImportRules},
		{"EmailParse", emailParseRules},
		{"SearchSnippet", snippetRules},
		{"PushSubscription", pushSubscriptionRules},
		{"Identity", identityRules},
		{"Submission", submissionRules},
		{"Vacation", vacationRules},
		{"EventSource", eventSourceRules},
		{"Clients", clientRules},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, r := range group.rules {
				t.Run(r.name, func(t *testing.T) { r.check(t, h) })
			}
		})
	}
}
