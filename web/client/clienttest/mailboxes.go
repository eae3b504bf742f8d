package clienttest

import (
	"encoding/json"
	"fmt"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Named is the mailbox with a name, nil if there is none.
func (s *Server) Named(name string) *jmap.Mailbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.mailboxes {
		if m.Name == name {
			c := *m
			return &c
		}
	}
	return nil
}

// mailboxSet answers Mailbox/set, as far as the app uses it.
func (s *Server) mailboxSet(args json.RawMessage) jmap.SetResponse {
	req := read[struct {
		Create                map[jmap.Id]map[string]any
		Update                map[jmap.Id]map[string]any
		Destroy               []jmap.Id
		OnDestroyRemoveEmails bool
	}](args)
	r := jmap.SetResponse{
		AccountId: AccountId, OldState: s.state(), Created: map[jmap.Id]json.RawMessage{}, Updated: map[jmap.Id]json.RawMessage{},
		NotCreated: map[jmap.Id]jmap.SetError{}, NotUpdated: map[jmap.Id]jmap.SetError{}, NotDestroyed: map[jmap.Id]jmap.SetError{},
	}
	for cid, patch := range req.Create {
		if other := s.taken(patch); other != "" {
			r.NotCreated[cid] = jmap.SetError{Type: jmap.SetAlreadyExists, ExistingId: other}
			continue
		}
		s.next++
		m := &jmap.Mailbox{Id: jmap.Id(fmt.Sprintf("box%d", s.next)), IsSubscribed: true}
		s.mailboxes[m.Id] = m
		patchMailbox(m, patch)
		s.note("Mailbox", m.Id, 'c')
		r.Created[cid], _ = json.Marshal(map[string]any{"id": m.Id})
	}
	for id, patch := range req.Update {
		switch m := s.mailboxes[id]; {
		case m == nil:
			r.NotUpdated[id] = jmap.SetError{Type: jmap.SetNotFound}
		case s.taken(patch) != "" && s.taken(patch) != id:
			r.NotUpdated[id] = jmap.SetError{Type: jmap.SetAlreadyExists, ExistingId: s.taken(patch)}
		default:
			patchMailbox(m, patch)
			s.note("Mailbox", id, 'u')
			r.Updated[id] = json.RawMessage("null")
		}
	}
	for _, id := range req.Destroy {
		if err := s.destroyMailbox(id, req.OnDestroyRemoveEmails); err != nil {
			r.NotDestroyed[id] = *err
			continue
		}
		r.Destroyed = append(r.Destroyed, id)
	}
	r.NewState = s.state()
	return r
}

// taken is the mailbox that has the name already.
func (s *Server) taken(patch map[string]any) jmap.Id {
	for _, m := range s.mailboxes {
		if m.Name == patch["name"] {
			return m.Id
		}
	}
	return ""
}

func patchMailbox(m *jmap.Mailbox, patch map[string]any) {
	for k, v := range patch {
		switch k {
		case "name":
			m.Name = v.(string)
		case "parentId":
			m.ParentId = nil
			if id, ok := v.(string); ok {
				parent := jmap.Id(id)
				m.ParentId = &parent
			}
		case "isSubscribed":
			m.IsSubscribed = v.(bool)
		default:
			panic("patch of " + k)
		}
	}
}

func (s *Server) destroyMailbox(id jmap.Id, emails bool) *jmap.SetError {
	if s.mailboxes[id] == nil {
		return &jmap.SetError{Type: jmap.SetNotFound}
	}
	for _, m := range s.mailboxes {
		if m.ParentId != nil && *m.ParentId == id {
			return &jmap.SetError{Type: jmap.SetMailboxHasChild}
		}
	}
	inside := s.sorted(id)
	if len(inside) > 0 && !emails {
		return &jmap.SetError{Type: jmap.SetMailboxHasEmail}
	}
	for _, e := range inside {
		s.destroy(e)
	}
	delete(s.mailboxes, id)
	s.note("Mailbox", id, 'd')
	return nil
}
