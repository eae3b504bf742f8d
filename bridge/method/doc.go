// Package method is the JMAP methods (RFC 8620, 8621), one file each, and what all
// of them share: taking a request apart, result references and creation ids, the
// shapes of get, set, query and changes. process.go has the table of all methods.
//
// It knows JMAP's words and nothing of IMAP: what it needs of an account is the
// interface Account, which the room account implements. Errors become answers in one
// place, process.go: a *jmap.MethodError or *jmap.SetError is for the client as it
// is, an upstream error is translated, anything else is serverFail and goes to the
// log.
//
// # What is there
//
// Whole means: as the RFC says, with a transcript in testdata.
//
//	Core
//	  requests, errors, limits      8620 §3.6     whole; I-JSON is enforced
//	  result references             8620 §3.7     whole
//	  creation ids                  8620 §3.3     whole
//	  Core/echo                     8620 §4       whole
//	  PushSubscription/get, set     8620 §7.2     whole; Web Push by RFC 8291, 8292, 9749. A member nobody of whom
//	                                              is signed in gets no push: their mail server is not asked
//	  Blob/copy                     8620 §6.3     whole
//	  Blob/upload, get, lookup      9404          whole; lookup of Mailbox, Thread and Email
//	Mail
//	  Mailbox/get, changes          8621 §2.1, 2  whole
//	  Mailbox/query, queryChanges   8621 §2.3, 4  whole
//	  Mailbox/set                   8621 §2.5     whole; roles and sort orders the mail server has no place for are kept here
//	  Thread/get, changes           8621 §3       whole; joined by Message-ID, In-Reply-To and References, never by subject.
//	                                              Until the index of a new account is complete (threadIndex "building")
//	                                              a thread may lack messages, and later have another id
//	  Email/get                     8621 §4.2     whole; ids null answers up to 500 emails, else requestTooLarge
//	  Email/changes                 8621 §4.3     whole; for 30 days, and not past 10,000 changes at one moment
//	  Email/query                   8621 §4.4     every condition and sort. hasAttachment reads what is not known yet from the
//	                                              mail server, at most 20,000 emails a query, and goes on from there when asked
//	                                              again; so do sorts by from and to, and those over several mailboxes, of at
//	                                              most 40,000 emails. While the index of a new account is being made, dates
//	                                              of more than 1,000 emails that it lacks are not sorted by
//	  Email/queryChanges            8621 §4.5     whole, for results that were asked for lately
//	  Email/set                     8621 §4.6     whole. An email in several mailboxes is a message in each on the mail
//	                                              server: at most 20, and only where it tells UIDs (UIDPLUS), else
//	                                              tooManyMailboxes. What other programs copy is an email of its own
//	  Email/copy                    8621 §4.7     whole
//	  Email/import                  8621 §4.8     whole; bare line ends and NUL are mended, alreadyExists is never given
//	  Email/parse                   8621 §4.9     whole; of messages up to 64 MB
//	  SearchSnippet/get             8621 §5       whole; of the first four text parts, 64 KB of each
//	  Identity/get, changes, set    8621 §6       whole; for the account's own address and its +detail forms
//	  EmailSubmission/*             8621 §7       whole; FUTURERELEASE (RFC 4865) is the bridge's own outbox, DSN (RFC 3461)
//	                                              where the server offers it. What is refused at the first attempt is
//	                                              notCreated; a submission is kept for 30 days; dsnBlobIds and mdnBlobIds
//	                                              are empty
//	  VacationResponse/get, set     8621 §8       where the mail server has ManageSieve (RFC 5804) with vacation and include
//	  Quota/*                       9425          where the mail server has QUOTA (RFC 9208); warnLimit and softLimit are null
//	  MDN/*                         9007          not there
//	Ours (urn:hearthmail:bridge)
//	  BridgeSettings/get, set                     what an app keeps for its member: bridgesettings.go
//	  BridgeAccount/get, changes, set             the member's accounts and their servers: bridgeaccount_get.go, bridgeaccount_set.go
//	  BridgeAccount/discover, test                servers of an address, and how far the way to them is open: bridgeaccount_find.go
//	  EmailSubmission/set, query                  each message once, filed when it is sent, found by its state: emailsubmission_set.go
//	  BridgeEmail/query                           the emails of several accounts in one list: bridgeemail_query.go
//	  BridgeTask/get, set                         what takes long in the background: bridgetask.go
//	  BridgeEmail/unsubscribe       8058          leaves a mailing list in one click: bridgeemail_unsubscribe.go
//
// What differs over IMAP and cannot be hidden: an email that another program moves keeps
// its id where the server names messages (EMAILID, X-GM-MSGID, X-GUID), else it is another
// email from then on; keywords are those that the server's mailbox can keep.
package method
