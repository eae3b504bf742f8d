package jmap

// SearchSnippetGetRequest asks where emails have the words of a filter (RFC 8621 §5.1).
type SearchSnippetGetRequest struct {
	AccountId Id           `json:"accountId"`
	Filter    *EmailFilter `json:"filter"`
	EmailIds  []Id         `json:"emailIds"`
}

// SearchSnippetGetResponse answers a SearchSnippetGetRequest.
type SearchSnippetGetResponse struct {
	AccountId Id              `json:"accountId"`
	List      []SearchSnippet `json:"list"`
	NotFound  []Id            `json:"notFound"`
}

// SearchSnippet is where an email has the words: pieces of its subject and body as
// HTML, with the words in <mark>, "" where they are not (RFC 8621 §5).
type SearchSnippet struct {
	EmailId Id     `json:"emailId"`
	Subject string `json:"subject"`
	Preview string `json:"preview"`
}
