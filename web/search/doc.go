// Package search turns the words of the search box into a JMAP filter.
//
// Operators: from: to: cc: bcc: subject: body: filename: has:attachment is:unread
// is:read is:starred is:draft is:answered in: before: after: larger: smaller:,
// quotes, a minus before a word or operator, and OR between two. Words without an
// operator are looked for anywhere. What is not understood is a plain word:
// people never see a syntax error, and every text means something.
package search
