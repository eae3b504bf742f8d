package discover

import "github.com/hearthmail/hearthmail/bridge/upstream"

// known are the large providers, by the settings that they publish (as of November 2026). All
// of them take the whole address for a user name.
var known = []Provider{
	large("imap.gmail.com", "pop.gmail.com", "smtp.gmail.com", 465, "gmail.com", "googlemail.com"),
	large("outlook.office365.com", "outlook.office365.com", "smtp-mail.outlook.com", 587,
		"outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.de", "hotmail.de", "live.de", "outlook.fr", "hotmail.fr", "live.fr", "outlook.es", "hotmail.es"),
	large("imap.mail.yahoo.com", "pop.mail.yahoo.com", "smtp.mail.yahoo.com", 465, "yahoo.com", "ymail.com", "rocketmail.com", "yahoo.de", "yahoo.fr", "yahoo.es", "yahoo.co.uk"),
	large("imap.mail.me.com", "", "smtp.mail.me.com", 587, "icloud.com", "me.com", "mac.com"),
	large("imap.aol.com", "pop.aol.com", "smtp.aol.com", 465, "aol.com", "aim.com", "aol.de"),
	large("imap.gmx.net", "pop.gmx.net", "mail.gmx.net", 465, "gmx.de", "gmx.net", "gmx.at", "gmx.ch"),
	large("imap.gmx.com", "pop.gmx.com", "mail.gmx.com", 465, "gmx.com", "gmx.us", "gmx.co.uk"),
	large("imap.web.de", "pop3.web.de", "smtp.web.de", 587, "web.de"),
	large("secureimap.t-online.de", "securepop.t-online.de", "securesmtp.t-online.de", 465, "t-online.de", "magenta.de"),
	large("imap.fastmail.com", "pop.fastmail.com", "smtp.fastmail.com", 465, "fastmail.com", "fastmail.fm"),
	large("imap.mailbox.org", "pop3.mailbox.org", "smtp.mailbox.org", 465, "mailbox.org"),
	large("posteo.de", "posteo.de", "posteo.de", 465, "posteo.de", "posteo.net", "posteo.org", "posteo.eu"),
	large("imap.zoho.com", "pop.zoho.com", "smtp.zoho.com", 465, "zoho.com", "zohomail.com"),
	large("imap.orange.fr", "pop.orange.fr", "smtp.orange.fr", 465, "orange.fr", "wanadoo.fr"),
	large("imap.laposte.net", "pop.laposte.net", "smtp.laposte.net", 465, "laposte.net"),
	large("imap.free.fr", "pop.free.fr", "smtp.free.fr", 465, "free.fr"),
}

// large is a provider with TLS on the usual ports; submission on 587 begins with STARTTLS.
func large(imap, pop3, smtp string, submission int, domains ...string) Provider {
	p := Provider{
		Domains: domains,
		IMAP:    &upstream.Server{Host: imap, Port: 993, Security: upstream.TLS},
		SMTP:    &upstream.Server{Host: smtp, Port: submission, Security: upstream.TLS},
	}
	if submission == 587 {
		p.SMTP.Security = upstream.STARTTLS
	}
	if pop3 != "" {
		p.POP3 = &upstream.Server{Host: pop3, Port: 995, Security: upstream.TLS}
	}
	return p
}
