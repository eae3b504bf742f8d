package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// A client that is no browser of ours signs in to a provider whose server can filter,
// finds that it can, and has mail answered.
func TestAutomaticReply(t *testing.T) {
	p := StartProvider(t)
	b := p.Bridge(t)

	var session jmap.Session
	ask(t, "GET", b.URL+"/.well-known/jmap", nil, &session)
	account, ok := session.PrimaryAccounts[jmap.CapabilityVacation]
	for range 50 { // the very first answer may come before the server's
		if ok {
			break
		}
		ask(t, "GET", b.URL+"/.well-known/jmap", nil, &session)
		account, ok = session.PrimaryAccounts[jmap.CapabilityVacation]
	}
	if !ok {
		t.Fatalf("no automatic reply in %v", session.Capabilities)
	}
	request := fmt.Sprintf(`{"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:vacationresponse"],"methodCalls":[
		["VacationResponse/set",{"accountId":%[1]q,"update":{"singleton":{"isEnabled":true,"textBody":"I am away."}}},"s"],
		["VacationResponse/get",{"accountId":%[1]q},"g"]]}`, account)
	var answer jmap.Response
	ask(t, "POST", session.APIURL, []byte(request), &answer)
	var got jmap.GetResponse[jmap.VacationResponse]
	if len(answer.MethodResponses) != 2 || json.Unmarshal(answer.MethodResponses[1].Args, &got) != nil || len(got.List) != 1 || !got.List[0].IsEnabled {
		t.Fatalf("%s", answer.MethodResponses)
	}
	p.LDA(t, "ada", "grace@example.org", []byte("From: grace@example.org\nTo: ada@"+Domain+"\nSubject: hello\n\nare you there?\n"))
	if sent := p.Sent(t); len(sent) != 1 || !strings.Contains(sent[0], "I am away.") || !strings.Contains(sent[0], "From: <ada@"+Domain+">") {
		t.Errorf("sent %q", sent)
	}
}

// ask makes a request as ada.
func ask(t *testing.T, method, url string, body []byte, answer any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ada@"+Domain, Password)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(raw, answer) != nil {
		t.Fatalf("%s: %s (%v)", resp.Status, raw, err)
	}
}
