package dialer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
)

const (
	maxRedirects   = 3
	maxBody        = 256 << 10 // an autoconfig file has a few kilobytes
	maxPicture     = 10 << 20
	maxHeaderBytes = 32 << 10
)

// HTTPClient gives a client for small public files over https: discover's
// autoconfig. The same policy holds for it, at each redirect again, on port 443
// instead of those of mail. Bodies of more than 256 KB end in an error.
func (d *Dialer) HTTPClient() *http.Client { return d.webClient(maxBody) }

// PictureClient is HTTPClient for the remote pictures of mails, of 10 MB at most.
func (d *Dialer) PictureClient() *http.Client { return d.webClient(maxPicture) }

func (d *Dialer) webClient(most int) *http.Client {
	return &http.Client{
		Timeout:       2 * d.timeout(),
		CheckRedirect: checkRedirect,
		Transport: smallBodies{most: most, next: &http.Transport{
			DialContext:            d.dialWeb,
			TLSClientConfig:        d.tlsConfig(""), // the transport fills in the name
			TLSHandshakeTimeout:    d.timeout(),
			ResponseHeaderTimeout:  d.timeout(),
			MaxResponseHeaderBytes: maxHeaderBytes,
			DisableKeepAlives:      true,
		}},
	}
}

func (d *Dialer) dialWeb(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, refusal(address, err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, refusal(address, err)
	}
	return d.dial(ctx, host, uint16(n), webPorts)
}

func checkRedirect(next *http.Request, sofar []*http.Request) error {
	if len(sofar) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	next.Header.Del("Referer") // the URL of an autoconfig file has the address in it
	return nil
}

// smallBodies lets nothing through that is not https, and no large body.
type smallBodies struct {
	next http.RoundTripper
	most int // octets
}

func (s smallBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, refusal(r.URL.Host, errors.New("not https"))
	}
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &smallBody{ReadCloser: resp.Body, most: s.most, left: s.most}
	return resp, nil
}

type smallBody struct {
	io.ReadCloser
	most, left int
}

func (b *smallBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("the file has more than %d octets", b.most)
	}
	return n, err
}
