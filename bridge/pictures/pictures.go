// Package pictures fetches the remote pictures of a mail for somebody who asked to see
// them, so that the sender learns the address of the bridge and nothing of the person: no
// cookie, no referer, nothing of their browser.
//
// What comes back is believed only as far as its first octets: a PNG, JPEG, GIF or WebP of
// a size that a browser can draw. SVG is a program and no picture here. The way out is the
// dialer's, with its address policy at every redirect.
package pictures

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats whose size can be told
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"net/url"
	"time"

	_ "golang.org/x/image/webp"
)

const (
	// maxPixels is what a browser can be asked to draw: 40 megapixels are 160 MB.
	maxPixels = 40_000_000
	// atOnce is how many pictures one member has fetched at a time.
	atOnce = 6
	// userAgent is the same for everybody.
	userAgent = "Mozilla/5.0 (compatible; Hearthmail)"
)

// Picture is a picture as it came.
type Picture struct {
	Type string // "image/png", "image/jpeg", "image/gif" or "image/webp"
	Data []byte
}

// ErrNoPicture: what is there is not a picture that can be shown, or nothing is there.
var ErrNoPicture = errors.New("not a picture that can be shown")

// Fetcher fetches pictures. Its methods may be called from any goroutine.
type Fetcher struct {
	client *http.Client
	cache  cache
}

// New makes a Fetcher. The client keeps the address policy and bounds what is read.
func New(client *http.Client) *Fetcher {
	return &Fetcher{client: client, cache: newCache()}
}

// Fetch gives the picture at an address, to one member: what one has seen tells another
// nothing. An address that is not encrypted is asked for encrypted.
func (f *Fetcher) Fetch(ctx context.Context, member, address string) (Picture, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return Picture{}, fmt.Errorf("%w: the address is not one of the web", ErrNoPicture)
	}
	u.Scheme, u.Fragment = "https", ""
	slot, done, err := f.cache.enter(ctx, member, u.String())
	if err != nil {
		return Picture{}, err
	}
	defer done()
	if p, ok := slot.get(time.Now()); ok {
		return p, nil
	}
	p, err := f.fetch(ctx, u)
	if err != nil {
		return Picture{}, err
	}
	slot.put(p, time.Now())
	return p, nil
}

func (f *Fetcher) fetch(ctx context.Context, u *url.URL) (Picture, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrNoPicture, withoutURL(err))
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "image/webp,image/png,image/jpeg,image/gif")
	resp, err := f.client.Do(req)
	if err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrNoPicture, withoutURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Picture{}, fmt.Errorf("%w: status %d", ErrNoPicture, resp.StatusCode)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrNoPicture, withoutURL(err))
	}
	return read(data)
}

// read looks at the octets and not at what the server calls them.
func read(data []byte) (Picture, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return Picture{}, fmt.Errorf("%w: of no format that is known", ErrNoPicture)
	}
	if int64(config.Width)*int64(config.Height) > maxPixels {
		return Picture{}, fmt.Errorf("%w: %d × %d pixels are too many", ErrNoPicture, config.Width, config.Height)
	}
	return Picture{Type: "image/" + format, Data: data}, nil
}

// withoutURL drops the address, which says who was written to, from an error that may
// reach the log.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
