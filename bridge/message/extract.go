package message

import (
	"cmp"
	"path"
	"strings"
)

// maxExtracted is the most files that are taken out of one container.
const maxExtracted = 200

// Extracted is a file found within a container that is no MIME.
type Extracted struct {
	Name string // decoded, without a path
	Type string
	CID  string
	Body bool // the text of the message itself, not a file
	Data []byte
}

// Extract takes a container apart: a winmail.dat, or a text with uuencoded files in it.
// nil where there is none.
func Extract(raw []byte) []Extracted {
	if isTNEF(raw) {
		return extractTNEF(raw)
	}
	files, _ := extractUU(raw)
	return files
}

// typeOf is the type of a file that has none but its name: the ones people send.
var typeOf = map[string]string{
	".pdf": "application/pdf", ".zip": "application/zip", ".rtf": "text/rtf", ".ics": "text/calendar", ".vcf": "text/vcard",
	".txt": "text/plain", ".csv": "text/csv", ".htm": "text/html", ".html": "text/html", ".eml": "message/rfc822",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

// newExtracted is a file of a name, whose type is what the name says.
func newExtracted(name string, data []byte) Extracted {
	e := Extracted{Name: baseName(clean(toUTF8(name))), Data: data}
	e.Type = cmp.Or(typeOf[strings.ToLower(path.Ext(e.Name))], "application/octet-stream")
	return e
}
