package postfix

import (
	"strconv"
	"strings"
)

func (s *Server) replacer() *strings.Replacer {
	return strings.NewReplacer(
		"DIR", s.dir, "HOST", host, "DOMAIN", Domain, "UID", strconv.Itoa(s.reader),
		"SMTPS", strconv.Itoa(s.smtps), "SMTP", strconv.Itoa(s.smtp),
	)
}

// mainCF is for Postfix 3.4 and newer.
const mainCF = `
compatibility_level = 3.4
queue_directory = DIR/queue
data_directory = DIR/data
maillog_file = DIR/log
maillog_file_prefixes = DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = HOST
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = reject_unauth_destination
virtual_mailbox_domains = DOMAIN
virtual_mailbox_base = DIR/mail
virtual_mailbox_maps = inline:{ {ada@DOMAIN = ada/} {grace@DOMAIN = grace/} {alan@DOMAIN = alan/} }
virtual_alias_maps =
virtual_minimum_uid = 1
virtual_uid_maps = static:UID
virtual_gid_maps = static:UID
local_recipient_maps =
alias_maps =
smtpd_tls_security_level = may
smtpd_tls_chain_files = DIR/cert.pem
smtputf8_enable = yes
`

const masterCF = `
127.0.0.1:SMTP  inet  n - n - - smtpd
127.0.0.1:SMTPS inet  n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`
