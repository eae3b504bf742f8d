package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func noEnv(string) string { return "" }

func TestVersionAndHelp(t *testing.T) {
	for arg, want := range map[string]string{"version": "hearthmail " + version + "\n", "help": usage, "-h": usage} {
		var out bytes.Buffer
		if err := run(t.Context(), []string{arg}, noEnv, &out, nil); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v", arg, &out, err)
		}
	}
	if err := run(t.Context(), []string{"sever"}, noEnv, &bytes.Buffer{}, nil); err == nil || !strings.Contains(err.Error(), `"sever"`) {
		t.Errorf("an unknown command: %v", err)
	}
}

// TestServeHTTPS: with a certificate of its own the bridge speaks HTTPS, and says so.
func TestServeHTTPS(t *testing.T) {
	dir := t.TempDir()
	cert, key, roots := certificate(t, dir)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	config := filepath.Join(dir, "hearthmail.toml")
	if err := os.WriteFile(config, []byte("listen = \"127.0.0.1:0\"\ndata = \"data\"\ntls_cert = \""+cert+"\"\ntls_key = \""+key+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"serve", "-config", config}, noEnv, &out, func(addr string) { ready <- addr })
	}()
	var addr string
	select {
	case addr = <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	resp, err := client.Get("https://" + addr + "/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	client.CloseIdleConnections()
	if resp.Header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers are not told to stay with HTTPS")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := out.String(); got != "Hearthmail is at https://"+addr+"\n" {
		t.Errorf("it says %q", got)
	}
}

// certificate writes a certificate for 127.0.0.1 and its key into dir.
func certificate(t *testing.T, dir string) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	pair := srv.TLS.Certificates[0]
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("cert.pem", "CERTIFICATE", pair.Certificate[0])
	write("key.pem", "PRIVATE KEY", secret)
	roots = x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return "cert.pem", "key.pem", roots
}
