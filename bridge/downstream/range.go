package downstream

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxReadAhead is how long a range of a blob may be whose size is not known: it is held
// in memory to see how much of it there is. Of a longer one the client gets the
// beginning, and is told so (RFC 9110 §15.3.7).
const maxReadAhead = 1 << 20

// cut is which octets of a blob are wanted.
type cut struct {
	first       int64
	last        int64 // -1: the end, wherever that is
	partial     bool
	satisfiable bool
}

// parseRange reads a Range header of one range; size is -1 where it is not known, and
// then a range must have both ends. What cannot be understood is ignored (RFC 9110
// §14.2).
func parseRange(header string, size int64) cut {
	whole := cut{last: -1, satisfiable: true}
	if size >= 0 {
		whole.last = size - 1
	}
	spec, isBytes := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !isBytes || !dash || strings.Contains(spec, ",") {
		return whole
	}
	if from == "" {
		n, err := strconv.ParseInt(to, 10, 64)
		if err != nil || n < 0 || size < 0 {
			return whole
		}
		return cut{max(size-n, 0), whole.last, true, n > 0 && size > 0}
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || first < 0 {
		return whole
	}
	last := whole.last
	if to != "" {
		end, err := strconv.ParseInt(to, 10, 64)
		if err != nil || end < first {
			return whole
		}
		if last < 0 || end < last {
			last = end
		}
	} else if size < 0 {
		return whole
	}
	return cut{first, last, true, size < 0 || first < size}
}

// readAhead reads a range of a blob whose size is not known, and shortens it to what
// there is. A nil reader: there is nothing.
func (c *cut) readAhead(body io.Reader) (io.Reader, error) {
	data, err := io.ReadAll(io.LimitReader(body, min(c.last-c.first+1, maxReadAhead)))
	if err != nil || len(data) == 0 {
		return nil, err
	}
	c.last = c.first + int64(len(data)) - 1
	return bytes.NewReader(data), nil
}

// status says in the headers which octets come, and gives the status.
func (c *cut) status(h http.Header, size int64) int {
	if c.last >= 0 || size == 0 {
		h.Set("Content-Length", strconv.FormatInt(c.last-c.first+1, 10))
	}
	if !c.partial {
		return http.StatusOK
	}
	total := "*"
	if size >= 0 {
		total = strconv.FormatInt(size, 10)
	}
	h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%s", c.first, c.last, total))
	return http.StatusPartialContent
}

// disposition says that a file is to be kept, under its name in any script (RFC
// 6266, 8187).
func disposition(name string) string {
	name = strings.ToValidUTF8(name, "_")
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '/' || r == '%' {
			return '_'
		}
		return r
	}, name)
	escaped := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, ascii, escaped)
}
