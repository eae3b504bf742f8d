package browser

// File is a file that a person picked, dropped or pasted.
type File struct {
	Name   string
	Type   string // media type, "application/octet-stream" where unknown
	Size   int64
	Source any // what Uploader sends
}
