package downstream

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// downloadAll gives all attachments of an email as one ZIP archive. It is written as the
// parts come from the mail server: what is held of it does not grow with its size, and
// its size is not known before its end.
func (s *Server) downloadAll(w http.ResponseWriter, r *http.Request) {
	s.authenticated(w, r, func(m *member) {
		account := jmap.Id(r.PathValue("account"))
		email, err := attachmentsOf(r.Context(), m.mail, account, jmap.Id(r.PathValue("email")))
		var server *upstream.Error
		switch {
		case errors.As(err, &server):
			s.refuse(w, r, err, "")
			return
		case err != nil, len(email.Attachments) == 0:
			problem(w, Problem{Status: http.StatusNotFound, Title: "There is no such message, or nothing is attached to it."})
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", disposition(safeName(cmp.Or(strings.TrimSpace(email.Subject), "attachments"))+".zip"))
		h.Set("Content-Security-Policy", downloadPolicy)
		if r.Method == http.MethodHead {
			return
		}
		if err := writeZip(r.Context(), w, m.mail, account, email); err != nil {
			if r.Context().Err() == nil {
				s.cfg.Log.WarnContext(r.Context(), "archive broken off", slog.Any("err", err))
			}
			panic(http.ErrAbortHandler) // the client must not take half for the whole
		}
	})
}

var errNoEmail = errors.New("there is no such email")

// attachmentsOf asks for what the archive of an email is made of.
func attachmentsOf(ctx context.Context, mail Mail, account, id jmap.Id) (*jmap.Email, error) {
	call, err := jmap.NewInvocation("Email/get", jmap.EmailGetRequest{
		GetRequest:     jmap.GetRequest{AccountId: account, Ids: []jmap.Id{id}, Properties: []string{"subject", "receivedAt", "attachments"}},
		BodyProperties: []string{"blobId", "name", "type"},
	}, "0")
	if err != nil {
		return nil, err
	}
	answer, err := mail.Call(ctx, &jmap.Request{Using: []string{jmap.CapabilityCore, jmap.CapabilityMail}, MethodCalls: []jmap.Invocation{call}})
	if err != nil {
		return nil, err
	}
	if len(answer.MethodResponses) != 1 || answer.MethodResponses[0].Name != "Email/get" {
		return nil, errNoEmail
	}
	var got jmap.GetResponse[jmap.Email]
	if err := json.Unmarshal(answer.MethodResponses[0].Args, &got); err != nil {
		return nil, err
	}
	if len(got.List) != 1 {
		return nil, errNoEmail
	}
	return &got.List[0], nil
}

// writeZip writes the archive, one part after the other.
func writeZip(ctx context.Context, w io.Writer, mail Mail, account jmap.Id, email *jmap.Email) error {
	archive := zip.NewWriter(w)
	taken := map[string]bool{}
	for _, part := range email.Attachments {
		if err := addPart(ctx, archive, mail, account, part, uniqueName(taken, part), email.ReceivedAt); err != nil {
			return err
		}
	}
	return archive.Close()
}

func addPart(ctx context.Context, archive *zip.Writer, mail Mail, account jmap.Id, part jmap.EmailBodyPart, name string, at time.Time) error {
	_, open, err := mail.Download(ctx, account, part.BlobId)
	if err != nil {
		return err
	}
	body, err := open(ctx, 0)
	if err != nil {
		return err
	}
	defer body.Close()
	method := zip.Deflate
	if compressed(part.Type, name) {
		method = zip.Store
	}
	into, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: at})
	if err != nil {
		return err
	}
	_, err = io.Copy(into, body)
	return err
}

// compressed reports whether packing would only take time.
func compressed(mediaType, name string) bool {
	switch kind, _, _ := strings.Cut(mediaType, "/"); {
	case mediaType == "image/svg+xml", mediaType == "image/bmp", mediaType == "image/tiff":
		return false
	case kind == "image", kind == "video", kind == "audio":
		return true
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".pdf", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".apk", ".jar":
		return true
	}
	return false
}

// uniqueName is the name of a part in an archive: no other part's, on file systems that
// tell capitals apart and on those that do not.
func uniqueName(taken map[string]bool, part jmap.EmailBodyPart) string {
	name := safeName(part.Name)
	if part.Name == "" {
		name = "attachment" + ending(part.Type)
	}
	stem := strings.TrimSuffix(name, path.Ext(name))
	for i := 2; taken[strings.ToLower(name)]; i++ {
		name = stem + " (" + strconv.Itoa(i) + ")" + path.Ext(name)
	}
	taken[strings.ToLower(name)] = true
	return name
}

// ending is the usual ending of files of a type, "" if none is known.
func ending(mediaType string) string {
	switch mediaType {
	case "message/rfc822":
		return ".eml"
	case "text/calendar":
		return ".ics"
	case "text/plain":
		return ".txt"
	case "image/jpeg":
		return ".jpg"
	}
	if known, err := mime.ExtensionsByType(mediaType); err == nil && len(known) > 0 {
		return known[0]
	}
	return ""
}

// longestName is in octets: less than file systems take, with room for a number.
const longestName = 200

// safeName makes of what a stranger calls a file a name that stays in the folder where the
// archive is unpacked, on every system, and reads as it is written.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|`, r), r == unicode.ReplacementChar:
			return '_'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	end := path.Ext(name)
	if len(end) > longestName/4 {
		end = ""
	}
	stem := strings.TrimSuffix(name, end)
	for len(stem)+len(end) > longestName {
		stem = strings.TrimRight(strings.ToValidUTF8(stem[:longestName-len(end)], ""), " ")
	}
	if reserved[strings.ToUpper(stem)] {
		stem = "_" + stem
	}
	return cmp.Or(stem+end, "attachment")
}

// reserved are the names Windows takes for devices.
var reserved = map[string]bool{
	"CON": true, "PRN": true, "AUX": true, "NUL": true,
	"COM1": true, "COM2": true, "COM3": true, "COM4": true, "COM5": true, "COM6": true, "COM7": true, "COM8": true, "COM9": true,
	"LPT1": true, "LPT2": true, "LPT3": true, "LPT4": true, "LPT5": true, "LPT6": true, "LPT7": true, "LPT8": true, "LPT9": true,
}
