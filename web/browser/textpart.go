package browser

// TextPart is where a text can be read, and the charset it is in.
type TextPart struct{ URL, Charset string }
