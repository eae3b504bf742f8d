package dovecot

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// OAuth is configuration that takes access tokens besides passwords; what one is good for
// is asked of an authorization server (RFC 7662).
func OAuth(t testing.TB, introspection string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "oa") //nolint:usetesting // Dovecot, which is another user, must find its way
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	settings := filepath.Join(dir, "oauth2")
	text := fmt.Sprintf("introspection_mode = post\nintrospection_url = %s\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n", introspection)
	if err := os.WriteFile(settings, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = %s
}
`, settings)
}
