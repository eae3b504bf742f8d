package dovecot

import (
	"os/user"
	"strconv"
	"strings"
)

// config is for Dovecot 2.3 without rights: one user for everything, no chroot.
func (s *Server) config() string {
	group := s.owner.Gid
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return strings.NewReplacer(
		"DIR", s.dir, "USER", s.owner.Username, "GROUP", group, "PASSWORD", Password.Reveal(),
		"IMAPS", strconv.Itoa(s.imaps), "IMAP", strconv.Itoa(s.imap),
		"POP3S", strconv.Itoa(s.pop3s), "POP3", strconv.Itoa(s.pop3),
	).Replace(config)
}

// sieveConfig adds ManageSieve, and filters for what Delivery delivers.
func (s *Server) sieveConfig() string {
	return strings.NewReplacer("DIR", s.dir, "SIEVE", strconv.Itoa(s.sieve)).Replace(sieveConfig)
}

const sieveConfig = `
protocols = imap pop3 sieve
hostname = mail.dovecot.test
postmaster_address = postmaster@dovecot.test
sendmail_path = DIR/sendmail
plugin {
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
protocol lda {
  mail_plugins = sieve
}
service managesieve-login {
  chroot =
  inet_listener sieve {
    port = SIEVE
  }
}
`

// sendmail keeps what the server sends, a file a message, below DIR/sent.
const sendmail = `#!/bin/sh
file=$(mktemp DIR/sent/.XXXXXX) && cat >"$file" && mv "$file" "DIR/sent/$(basename "$file" | tr -d .)"
`

const config = `
protocols = imap pop3
listen = 127.0.0.1
base_dir = DIR/run
state_dir = DIR/run
log_path = DIR/log
default_internal_user = USER
default_internal_group = GROUP
default_login_user = USER
first_valid_uid = 1
ssl = yes
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/cert.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 10
lock_method = fcntl

passdb {
  driver = static
  args = password=PASSWORD
}
userdb {
  driver = static
  args = uid=USER gid=GROUP home=DIR/home/%u
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    auto = subscribe
    special_use = \Drafts
  }
  mailbox Sent {
    auto = subscribe
    special_use = \Sent
  }
  mailbox Archive {
    auto = subscribe
    special_use = \Archive
  }
  mailbox Junk {
    auto = subscribe
    special_use = \Junk
  }
  mailbox Trash {
    auto = subscribe
    special_use = \Trash
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = IMAP
  }
  inet_listener imaps {
    port = IMAPS
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = POP3
  }
  inet_listener pop3s {
    port = POP3S
    ssl = yes
  }
}
`
