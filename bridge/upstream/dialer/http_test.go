package dialer

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

func webRequest(t *testing.T, host string) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.org/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Host = host
	if strings.Contains(host, ":") {
		r.URL.Host = "[" + host + "]"
	}
	return r
}

// webServer is reached as www.example.org on its own port, by the allow list.
func webServer(t *testing.T, handler http.HandlerFunc) (*http.Client, string) {
	s := httptest.NewTLSServer(handler)
	t.Cleanup(s.Close)
	addr := s.Listener.Addr().(*net.TCPAddr)
	allow, err := ParseAllowList([]string{addr.String()})
	if err != nil {
		t.Fatal(err)
	}
	d := &Dialer{
		Allow:    allow,
		Roots:    s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
		Resolver: &names{answers: map[string][]string{"www.example.com": {"127.0.0.1"}}},
	}
	u := url.URL{Scheme: "https", Host: upstream.Server{Host: "www.example.com", Port: addr.Port}.Addr()}
	return d.HTTPClient(), u.String()
}

func TestHTTPClient(t *testing.T) {
	for _, c := range []struct {
		name    string
		size    int
		wantErr string
	}{
		{"small", 1000, ""},
		{"largest", maxBody, ""},
		{"too large", maxBody + 1, "more than 262144 octets"},
		{"endless", 64 << 20, "more than 262144 octets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, base := webServer(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(bytes.Repeat([]byte("x"), c.size))
			})
			resp, err := client.Get(base)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			got, err := io.ReadAll(resp.Body)
			if c.wantErr == "" && (err != nil || len(got) != c.size) {
				t.Errorf("got %d octets, %v", len(got), err)
			}
			if c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
				t.Errorf("got %d octets, %v, want %q", len(got), err, c.wantErr)
			}
		})
	}
}

// Each redirect is checked like the first address.
func TestHTTPRedirects(t *testing.T) {
	var referers []string
	client, base := webServer(t, func(w http.ResponseWriter, r *http.Request) {
		referers = append(referers, r.Referer())
		if n, ok := strings.CutPrefix(r.URL.Path, "/loop"); ok {
			if n == "" {
				return
			}
			http.Redirect(w, r, "/loop"+n[1:], http.StatusFound)
			return
		}
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	for _, to := range []string{
		"http://www.example.com/", "http://[::1]/", "https://[::1]/", "https://127.0.0.1/", "https://127.1/",
		"https://2130706433/", "https://①②⑦.⓪.⓪.①/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data/",
		"https://www.example.com:22/", "https://www.example.com:993/", "https://10.0.0.1:443/", "file:///etc/passwd", "ftp://www.example.com/",
	} {
		resp, err := client.Get(base + "/?to=" + url.QueryEscape(to))
		if err == nil {
			_ = resp.Body.Close()
		}
		if upstream.KindOf(err) != upstream.KindPolicy {
			t.Errorf("redirect to %s: %v, want a policy error", to, err)
		}
	}
	for path, ok := range map[string]bool{"/loop...": true, "/loop....": false} {
		resp, err := client.Get(base + path)
		if err == nil {
			_ = resp.Body.Close()
		}
		if (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got := strings.Join(referers, ""); got != "" {
		t.Errorf("Referer was sent: %s", got)
	}
}

func TestHTTPPlain(t *testing.T) {
	network := &counter{}
	d := &Dialer{connect: network.connect}
	for _, to := range []string{"http://93.184.215.14/", "http://93.184.215.14:443/", "https://93.184.215.14:80/", "https://93.184.215.14:993/"} {
		if _, err := d.HTTPClient().Get(to); upstream.KindOf(err) != upstream.KindPolicy {
			t.Errorf("%s: %v", to, err)
		}
	}
	if len(network.to) > 0 {
		t.Errorf("connected to %v", network.to)
	}
	_, _ = d.HTTPClient().Get("https://93.184.215.14/")
	if len(network.to) != 1 || network.to[0] != netip.MustParseAddrPort("93.184.215.14:443") {
		t.Errorf("connected to %v", network.to)
	}
}
