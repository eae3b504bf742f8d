package screen

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/store"
)

// route is what the address bar names:
//
//	/mail/ACCOUNT/MAILBOX/EMAIL?sort=ORDER&only=WORDS
//	/mail/all/inboxes/EMAIL?of=ACCOUNT&only=WORDS
//	/search/ACCOUNT/EMAIL?q=WORDS&of=ACCOUNT
//	/settings/SECTION
//	/outbox
//	/compose?mailto=LINK, or ?subject=WORDS&body=WORDS&link=ADDRESS: what others give us to send
//
// What is left out is "".
type route struct {
	Account, Mailbox, Email jmap.Id
	Of                      jmap.Id // the account of Email, in a list over all
	Search                  string
	Settings                string     // a section of the settings, which lie over all else
	Compose                 string     // a mailto: link (RFC 6068) to write by, over the inbox
	Sort                    store.Sort // of a mailbox
	Only                    store.Only // of a mailbox
}

// parseRoute reads an address; what it does not know leads to the inbox.
func parseRoute(path string) route {
	path, query, _ := strings.Cut(path, "?")
	var parts [4]jmap.Id
	for i, p := range strings.Split(strings.Trim(path, "/"), "/") {
		if i == len(parts) {
			return route{}
		}
		decoded, err := url.PathUnescape(p)
		if err != nil {
			return route{}
		}
		parts[i] = jmap.Id(decoded)
	}
	values, _ := url.ParseQuery(query) // what can be read of it
	switch parts[0] {
	case pageOutbox:
		if parts[1] == "" {
			return route{Settings: pageOutbox}
		}
	case "settings":
		if parts[2] == "" {
			return route{Settings: cmp.Or(string(parts[1]), firstSection)}
		}
	case "mail":
		r := route{Account: parts[1], Mailbox: parts[2], Email: parts[3], Of: jmap.Id(values.Get("of"))}
		if r.Mailbox == "" {
			r.Email = ""
			return r
		}
		if sort := store.Sort(values.Get("sort")); sort.Known() {
			r.Sort = sort
		}
		r.Only = store.ParseOnly(values.Get("only"))
		return r
	case pageCompose:
		if parts[1] == "" {
			return route{Compose: mailto(values)}
		}
	case "search":
		if q := values.Get("q"); q != "" && parts[3] == "" {
			return route{Account: parts[1], Email: parts[2], Search: q, Of: jmap.Id(values.Get("of"))}
		}
	}
	return route{}
}

// mailto is the link that an address of pageCompose stands for.
func mailto(values url.Values) string {
	if link := values.Get("mailto"); link != "" {
		return link
	}
	body := strings.TrimSpace(values.Get("body") + "\n" + values.Get("link"))
	fields := url.Values{"subject": {values.Get("subject")}, "body": {body}}
	return "mailto:?" + strings.ReplaceAll(fields.Encode(), "+", "%20") // RFC 6068 §5: + is a plus
}

// path is the address that parseRoute reads.
func (r route) path() string {
	parts := []jmap.Id{"mail", r.Account, r.Mailbox, r.Email}
	query := r.order()
	switch {
	case r.Settings == pageOutbox:
		parts, query = []jmap.Id{pageOutbox}, ""
	case r.Settings != "":
		parts, query = []jmap.Id{"settings", jmap.Id(r.Settings)}, ""
	case r.Search != "":
		parts = []jmap.Id{"search", r.Account, r.Email}
		query = "?q=" + url.QueryEscape(r.Search)
		if r.Of != "" {
			query += "&of=" + url.QueryEscape(string(r.Of))
		}
	}
	var out strings.Builder
	for _, p := range parts {
		if p == "" {
			break
		}
		out.WriteString("/" + url.PathEscape(string(p)))
	}
	return out.String() + query
}

// order is the part of the address that says how a mailbox is shown.
func (r route) order() string {
	if r.Mailbox == "" {
		return ""
	}
	values := url.Values{}
	if r.Of != "" {
		values.Set("of", string(r.Of))
	}
	if r.Sort != store.Newest {
		values.Set("sort", string(r.Sort))
	}
	if only := r.Only.String(); only != "" {
		values.Set("only", only)
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}
