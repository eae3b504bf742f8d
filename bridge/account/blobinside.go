package account

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/message"
	"github.com/hearthmail/hearthmail/bridge/method"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// splitInside cuts a blob's id where it leaves what the mail server, or the folder of
// uploads, has a name for. inside is in message.Inside's words, "" for most blobs.
func splitInside(id jmap.Id) (outer jmap.Id, inside string) {
	base, path, _ := strings.Cut(string(id), "_")
	words := strings.Split(path, "-")
	for i, word := range words {
		if !strings.HasPrefix(word, "m") && !strings.HasPrefix(word, "x") {
			continue
		}
		if i > 0 {
			base += "_" + strings.Join(words[:i], "-")
		}
		return jmap.Id(base), strings.Join(words[i:], ".")
	}
	return id, ""
}

// openInside opens something that is found by reading another blob.
func (a *Account) openInside(ctx context.Context, outer jmap.Id, inside string) (method.Blob, error) {
	blob, err := a.OpenBlob(ctx, outer)
	if err != nil {
		return nil, err
	}
	from, err := blob.Open(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	raw, err := io.ReadAll(io.LimitReader(from, method.MaxParsed))
	if err != nil {
		return nil, err
	}
	data, ok := message.Inside(raw, inside)
	if !ok {
		return nil, method.ErrNotFound
	}
	return bytesBlob(data), nil
}

// bytesBlob is a blob in memory.
type bytesBlob []byte

func (b bytesBlob) Size() int64 { return int64(len(b)) }

func (b bytesBlob) Open(_ context.Context, offset int64) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(b[min(max(offset, 0), int64(len(b))):])), nil
}
