package jmap

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Subprotocol is what a WebSocket that carries JMAP must agree on (RFC 8887 §4.1).
const Subprotocol = "jmap"

// Values of a frame's @type (RFC 8887 §4.3).
const (
	FrameRequest      = "Request"
	FrameResponse     = "Response"
	FrameRequestError = "RequestError"
	FrameStateChange  = "StateChange"
	FramePushEnable   = "WebSocketPushEnable"
	FramePushDisable  = "WebSocketPushDisable"
)

// StateChange says which types of which accounts changed, and to which state
// (RFC 8620 §7.1).
type StateChange struct {
	Changed map[Id]map[string]State `json:"changed"`
	// PushState lets a client that reconnects ask for what it missed
	// (RFC 8887 §4.3.5.1).
	PushState string `json:"pushState,omitzero"`
}

// PushEnable asks for StateChange frames (RFC 8887 §4.3.5.2).
type PushEnable struct {
	DataTypes []string `json:"dataTypes"` // nil: all
	PushState string   `json:"pushState,omitzero"`
}

// Frame is one WebSocket message, in either direction. Exactly one of the
// pointers is set, as Type says; PushDisable carries nothing.
type Frame struct {
	Type      string
	RequestID string // id of a Request; requestId of its Response or RequestError

	Request      *Request
	Response     *Response
	RequestError *RequestError
	StateChange  *StateChange
	PushEnable   *PushEnable
}

// MarshalJSON writes the frame with its @type.
func (f Frame) MarshalJSON() ([]byte, error) {
	switch f.Type {
	case FrameRequest:
		return json.Marshal(struct {
			Type string `json:"@type"`
			ID   string `json:"id,omitzero"`
			*Request
		}{f.Type, f.RequestID, f.Request})
	case FrameResponse:
		return json.Marshal(struct {
			Type string `json:"@type"`
			ID   string `json:"requestId,omitzero"`
			*Response
		}{f.Type, f.RequestID, f.Response})
	case FrameRequestError:
		// RFC 8887 §4.3.4: null where the request had no id, or none that could be read.
		var id *string
		if f.RequestID != "" {
			id = &f.RequestID
		}
		return json.Marshal(struct {
			Frame string  `json:"@type"`
			ID    *string `json:"requestId"`
			*RequestError
		}{f.Type, id, f.RequestError})
	case FrameStateChange:
		return json.Marshal(struct {
			Type string `json:"@type"`
			*StateChange
		}{f.Type, f.StateChange})
	case FramePushEnable:
		return json.Marshal(struct {
			Type string `json:"@type"`
			*PushEnable
		}{f.Type, f.PushEnable})
	case FramePushDisable:
		return json.Marshal(struct {
			Type string `json:"@type"`
		}{f.Type})
	}
	return nil, fmt.Errorf("frame of unknown type %q", f.Type)
}

// UnmarshalJSON reads any frame of RFC 8887. An object of another @type is an
// error that names it; the caller answers notRequest.
func (f *Frame) UnmarshalJSON(data []byte) error {
	var head struct {
		Type      string `json:"@type"`
		ID        string `json:"id"`
		RequestID string `json:"requestId"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	*f = Frame{Type: head.Type, RequestID: head.RequestID}
	switch head.Type {
	case FrameRequest:
		f.RequestID = head.ID
		f.Request = new(Request)
		return json.Unmarshal(data, f.Request)
	case FrameResponse:
		f.Response = new(Response)
		return json.Unmarshal(data, f.Response)
	case FrameRequestError:
		f.RequestError = new(RequestError)
		return json.Unmarshal(data, f.RequestError)
	case FrameStateChange:
		f.StateChange = new(StateChange)
		return json.Unmarshal(data, f.StateChange)
	case FramePushEnable:
		f.PushEnable = new(PushEnable)
		return json.Unmarshal(data, f.PushEnable)
	case FramePushDisable:
		return nil
	case "":
		return errors.New("frame without @type")
	}
	return fmt.Errorf("frame of unknown type %q", head.Type)
}
