package clienttest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

func (s *Server) work(req *jmap.Request) *jmap.Response {
	resp := &jmap.Response{SessionState: "1"}
	created := map[jmap.Id]jmap.Id{}
	for _, call := range req.MethodCalls {
		var result any
		args, err := resolve(call.Args, resp.MethodResponses)
		if err == nil && s.FailMethod != nil {
			if e := s.FailMethod(call.Name); e != nil {
				err = e
			}
		}
		extra := []jmap.Invocation(nil)
		if err == nil {
			result, extra, err = s.method(call, args, created)
		}
		if err != nil {
			inv, _ := jmap.NewInvocation("error", err, call.CallID)
			resp.MethodResponses = append(resp.MethodResponses, inv)
			continue
		}
		inv, e := jmap.NewInvocation(call.Name, result, call.CallID)
		if e != nil {
			panic(e)
		}
		resp.MethodResponses = append(append(resp.MethodResponses, inv), extra...)
	}
	return resp
}

func (s *Server) method(call jmap.Invocation, args json.RawMessage, created map[jmap.Id]jmap.Id) (any, []jmap.Invocation, *jmap.MethodError) {
	switch call.Name {
	case "Mailbox/get":
		return s.mailboxGet(args), nil, nil
	case "Email/get":
		return s.emailGet(args), nil, nil
	case "Email/query":
		r, err := s.emailQuery(args)
		return r, nil, err
	case "SearchSnippet/get":
		return s.snippets(args), nil, nil
	case "Mailbox/changes", "Email/changes":
		kind, _, _ := strings.Cut(call.Name, "/")
		r, err := s.changes(kind, args)
		return r, nil, err
	case "Email/set":
		return s.emailSet(args, created), nil, nil
	case "Identity/get":
		return jmap.GetResponse[jmap.Identity]{AccountId: AccountId, State: "1", List: []jmap.Identity{
			{Id: "i1", Name: "Ada", Email: "ada@example.org"},
		}}, nil, nil
	case "Blob/upload":
		return s.joined(args), nil, nil
	case "Mailbox/set":
		return s.mailboxSet(args), nil, nil
	case "Quota/get":
		return jmap.GetResponse[jmap.Quota]{AccountId: AccountId, State: "1", List: s.Quotas}, nil, nil
	case "BridgeEmail/unsubscribe":
		return map[string]string{"host": "lists.example.org"}, nil, nil
	case "EmailSubmission/set":
		r, extra := s.submit(args, created, call.CallID)
		return r, extra, nil
	case "EmailSubmission/query", "EmailSubmission/get":
		if s.Holds {
			return s.outboxCall(call.Name, args), nil, nil
		}
	}
	return nil, nil, jmap.Failf(jmap.UnknownMethod, "%s", call.Name)
}

// joined makes blobs of others: their ids are those of their pieces.
func (s *Server) joined(args json.RawMessage) any {
	req := read[struct {
		Create map[jmap.Id]struct{ Data []struct{ BlobId string } }
	}](args)
	created := map[jmap.Id]any{}
	for id, want := range req.Create {
		var pieces []string
		for _, d := range want.Data {
			pieces = append(pieces, d.BlobId)
		}
		created[id] = map[string]string{"id": strings.Join(pieces, "+")}
	}
	return map[string]any{"created": created}
}

func read[T any](args json.RawMessage) (v T) {
	if err := json.Unmarshal(args, &v); err != nil {
		panic(err)
	}
	return v
}

func (s *Server) mailboxGet(args json.RawMessage) any {
	req := read[jmap.GetRequest](args)
	r := jmap.GetResponse[jmap.Mailbox]{AccountId: AccountId, State: s.state(), List: []jmap.Mailbox{}, NotFound: []jmap.Id{}}
	ids := req.Ids
	if ids == nil {
		ids = slices.Sorted(maps.Keys(s.mailboxes))
	}
	for _, id := range ids {
		m := s.mailboxes[id]
		if m == nil {
			r.NotFound = append(r.NotFound, id)
			continue
		}
		box := *m
		for _, eid := range s.sorted(id) {
			box.TotalEmails++
			if e := s.emails[eid]; !e.Keywords[jmap.KeywordSeen] && !e.Keywords[jmap.KeywordDraft] {
				box.UnreadEmails++
			}
		}
		r.List = append(r.List, box)
	}
	return r
}

func (s *Server) emailGet(args json.RawMessage) any {
	req := read[jmap.EmailGetRequest](args)
	r := jmap.GetResponse[map[string]json.RawMessage]{AccountId: AccountId, State: s.state(), List: []map[string]json.RawMessage{}, NotFound: []jmap.Id{}}
	for _, id := range req.Ids {
		e := s.emails[id]
		if e == nil {
			r.NotFound = append(r.NotFound, id)
			continue
		}
		raw, _ := json.Marshal(e)
		all := read[map[string]json.RawMessage](raw)
		for k := range all {
			if k != "id" && req.Properties != nil && !slices.Contains(req.Properties, k) {
				delete(all, k)
			}
		}
		r.List = append(r.List, all)
	}
	return r
}

func (s *Server) emailQuery(args json.RawMessage) (any, *jmap.MethodError) {
	req := read[jmap.QueryRequest[jmap.EmailFilter]](args)
	all := s.ordered(req.Sort, s.narrowed(req.Filter, s.sorted(req.Filter.InMailbox)))
	if f := req.Filter; f.InMailbox == "" {
		all = slices.DeleteFunc(slices.Clone(all), func(id jmap.Id) bool {
			return !matches(f, s.emails[id])
		})
	}
	if k := req.Filter.NotKeyword; k != "" {
		all = slices.DeleteFunc(slices.Clone(all), func(id jmap.Id) bool { return s.emails[id].Keywords[k] })
	}
	position := req.Position
	if req.Anchor != "" {
		i := slices.Index(all, req.Anchor)
		if i < 0 {
			return nil, jmap.Failf(jmap.AnchorNotFound, "%s", req.Anchor)
		}
		position = max(0, i+req.AnchorOffset)
	}
	position = min(position, len(all))
	end := len(all)
	if req.Limit != nil {
		end = min(end, position+*req.Limit)
	}
	total := len(all)
	return jmap.QueryResponse{
		AccountId: AccountId, QueryState: s.state(), Position: position,
		Ids: append([]jmap.Id{}, all[position:end]...), Total: &total,
	}, nil
}

// matches knows AND, and what a search without operators asks.
func matches(f *jmap.EmailFilter, e *jmap.Email) bool {
	for i := range f.Conditions {
		if !matches(&f.Conditions[i], e) {
			return false
		}
	}
	for _, out := range f.InMailboxOtherThan {
		if e.MailboxIds[out] {
			return false
		}
	}
	return !e.ReceivedAt.Before(f.After) && strings.Contains(strings.ToLower(e.Subject), strings.ToLower(f.Text))
}

// snippets marks the words of a filter that is one condition.
func (s *Server) snippets(args json.RawMessage) any {
	req := read[jmap.SearchSnippetGetRequest](args)
	r := jmap.SearchSnippetGetResponse{AccountId: AccountId}
	for _, id := range req.EmailIds {
		if e := s.emails[id]; e != nil {
			r.List = append(r.List, jmap.SearchSnippet{EmailId: id, Subject: strings.ReplaceAll(e.Subject, req.Filter.Text, "<mark>"+req.Filter.Text+"</mark>")})
		}
	}
	return r
}

func (s *Server) changes(kind string, args json.RawMessage) (any, *jmap.MethodError) {
	req := read[jmap.ChangesRequest](args)
	since, err := strconv.Atoi(string(req.SinceState))
	if err != nil || since < s.since || since > len(s.journal) {
		return nil, jmap.Failf(jmap.CannotCalculateChanges, "")
	}
	r := jmap.ChangesResponse{AccountId: AccountId, OldState: req.SinceState, Created: []jmap.Id{}, Updated: []jmap.Id{}, Destroyed: []jmap.Id{}}
	end := len(s.journal)
	if req.MaxChanges > 0 && end-since > req.MaxChanges {
		end, r.HasMoreChanges = since+req.MaxChanges, true
	}
	ops := map[jmap.Id]string{}
	var order []jmap.Id
	for _, c := range s.journal[since:end] {
		if c.kind == kind {
			if ops[c.id] == "" {
				order = append(order, c.id)
			}
			ops[c.id] += string(c.op)
		}
	}
	for _, id := range order {
		first, last := ops[id][0], ops[id][len(ops[id])-1]
		switch {
		case first == 'c' && last == 'd':
		case first == 'c':
			r.Created = append(r.Created, id)
		case last == 'd':
			r.Destroyed = append(r.Destroyed, id)
		default:
			r.Updated = append(r.Updated, id)
		}
	}
	r.NewState = jmap.State(strconv.Itoa(end))
	return r, nil
}

func (s *Server) emailSet(args json.RawMessage, created map[jmap.Id]jmap.Id) jmap.SetResponse {
	req := read[struct {
		Create  map[jmap.Id]jmap.Email
		Update  map[jmap.Id]jmap.PatchObject
		Destroy []jmap.Id
	}](args)
	r := jmap.SetResponse{
		AccountId: AccountId, OldState: s.state(), Created: map[jmap.Id]json.RawMessage{}, Updated: map[jmap.Id]json.RawMessage{},
		NotCreated: map[jmap.Id]jmap.SetError{}, NotUpdated: map[jmap.Id]jmap.SetError{}, NotDestroyed: map[jmap.Id]jmap.SetError{},
	}
	refuse := func(id jmap.Id) *jmap.SetError {
		if s.RefuseSet == nil {
			return nil
		}
		return s.RefuseSet(id)
	}
	for cid, e := range req.Create {
		if err := refuse(cid); err != nil {
			r.NotCreated[cid] = *err
			continue
		}
		s.add(&e)
		created[cid] = e.Id
		raw, _ := json.Marshal(map[string]any{"id": e.Id, "blobId": e.BlobId, "threadId": e.ThreadId, "size": 100})
		r.Created[cid] = raw
	}
	for id, patch := range req.Update {
		if err := refuse(id); err != nil {
			r.NotUpdated[id] = *err
		} else if !s.update(id, patch) {
			r.NotUpdated[id] = jmap.SetError{Type: jmap.SetNotFound}
		} else {
			r.Updated[id] = json.RawMessage("null")
		}
	}
	for _, id := range req.Destroy {
		if err := refuse(id); err != nil {
			r.NotDestroyed[id] = *err
		} else if s.emails[id] == nil {
			r.NotDestroyed[id] = jmap.SetError{Type: jmap.SetNotFound}
		} else {
			s.destroy(id)
			r.Destroyed = append(r.Destroyed, id)
		}
	}
	r.NewState = s.state()
	return r
}

func (s *Server) update(id jmap.Id, patch jmap.PatchObject) bool {
	e := s.emails[id]
	if e == nil {
		return false
	}
	e.Keywords, e.MailboxIds = maps.Clone(e.Keywords), maps.Clone(e.MailboxIds)
	touched := maps.Clone(e.MailboxIds)
	for path, v := range patch {
		if k, ok := strings.CutPrefix(path, "keywords/"); ok {
			if v == nil {
				delete(e.Keywords, k)
			} else {
				e.Keywords[k] = true
			}
		} else if m, ok := strings.CutPrefix(path, "mailboxIds/"); ok {
			touched[jmap.Id(m)] = true
			if v == nil {
				delete(e.MailboxIds, jmap.Id(m))
			} else {
				e.MailboxIds[jmap.Id(m)] = true
			}
		} else {
			panic("patch of " + path)
		}
	}
	s.note("Email", id, 'u')
	s.touched(touched)
	return true
}

func (s *Server) touched(mailboxes map[jmap.Id]bool) {
	delete(s.byDate, "")
	for id := range mailboxes {
		delete(s.byDate, id)
		s.note("Mailbox", id, 'u')
	}
}

func (s *Server) destroy(id jmap.Id) {
	if e := s.emails[id]; e != nil {
		delete(s.emails, id)
		s.note("Email", id, 'd')
		s.touched(e.MailboxIds)
	}
}

func (s *Server) submit(args json.RawMessage, created map[jmap.Id]jmap.Id, callId string) (any, []jmap.Invocation) {
	req := read[struct {
		Create               map[jmap.Id]jmap.EmailSubmission
		Update               map[jmap.Id]jmap.PatchObject
		OnSuccessUpdateEmail map[jmap.Id]jmap.PatchObject
	}](args)
	r := jmap.SetResponse{
		AccountId: AccountId, OldState: s.state(),
		Created: map[jmap.Id]json.RawMessage{}, NotCreated: map[jmap.Id]jmap.SetError{}, NotUpdated: map[jmap.Id]jmap.SetError{},
	}
	for id := range req.Update {
		if err := s.cancel(id); err != nil {
			r.NotUpdated[id] = *err
		}
	}
	var extra []jmap.Invocation
	for cid, sub := range req.Create {
		id := sub.EmailId
		if ref, ok := strings.CutPrefix(string(id), "#"); ok {
			id = created[jmap.Id(ref)]
		}
		e := s.emails[id]
		if e == nil {
			r.NotCreated[cid] = jmap.SetError{Type: jmap.SetInvalidProperties, Properties: []string{"emailId"}}
			continue
		}
		if s.RefuseSet != nil {
			if err := s.RefuseSet(cid); err != nil {
				r.NotCreated[cid] = *err
				continue
			}
		}
		if s.Holds {
			taken, err := s.hold(e, sub, req.OnSuccessUpdateEmail["#"+cid])
			if err != nil {
				r.NotCreated[cid] = *err
				continue
			}
			r.Created[cid], _ = json.Marshal(taken.EmailSubmission)
			continue
		}
		s.sent = append(s.sent, *e)
		r.Created[cid] = json.RawMessage(`{"id":"s1","undoStatus":"final"}`)
		if patch := req.OnSuccessUpdateEmail["#"+cid]; patch != nil {
			s.update(id, patch)
			inv, _ := jmap.NewInvocation("Email/set", jmap.SetResponse{Updated: map[jmap.Id]json.RawMessage{id: json.RawMessage("null")}}, callId)
			extra = append(extra, inv)
		}
	}
	r.NewState = s.state()
	return r, extra
}

// resolve puts the results that "#…" arguments refer to in their place.
func resolve(args json.RawMessage, answers []jmap.Invocation) (json.RawMessage, *jmap.MethodError) {
	all := read[map[string]json.RawMessage](args)
	for key, raw := range all {
		name, ok := strings.CutPrefix(key, "#")
		if !ok {
			continue
		}
		ref := read[jmap.ResultReference](raw)
		value, found := lookup(ref, answers)
		if !found {
			return nil, jmap.Failf(jmap.InvalidResultReference, "%s", ref.Path)
		}
		delete(all, key)
		all[name] = value
	}
	out, _ := json.Marshal(all)
	return out, nil
}

// Resolve is for other servers of tests: false where a reference leads nowhere.
func Resolve(args json.RawMessage, answers []jmap.Invocation) (json.RawMessage, bool) {
	out, err := resolve(args, answers)
	return out, err == nil
}

func lookup(ref jmap.ResultReference, answers []jmap.Invocation) (json.RawMessage, bool) {
	for _, a := range answers {
		if a.CallID == ref.ResultOf && a.Name == ref.Name {
			v, ok := point(read[any](a.Args), strings.Split(strings.TrimPrefix(ref.Path, "/"), "/"))
			raw, _ := json.Marshal(v)
			return raw, ok
		}
	}
	return nil, false
}

// point follows a path (RFC 8620 §3.7); "*" is each item of an array.
func point(v any, path []string) (any, bool) {
	if len(path) == 0 {
		return v, true
	}
	if path[0] != "*" {
		object, _ := v.(map[string]any)
		inner, ok := object[path[0]]
		if !ok {
			return nil, false
		}
		return point(inner, path[1:])
	}
	list, ok := v.([]any)
	out := []any{}
	for _, item := range list {
		inner, found := point(item, path[1:])
		ok = ok && found
		out = append(out, inner)
	}
	return out, ok
}
