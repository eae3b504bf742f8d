// Package search is about the words of the search box: what they mean as a JMAP
// filter, what can be suggested while they are typed, how chips change them, and
// where the words stand in what was found.
//
// Operators: from: to: cc: bcc: subject: body: filename: has:attachment is:unread
// is:read is:starred is:draft is:answered in: before: after: on: older: newer:
// larger: smaller:, quotes, a minus before a word, operator or group, OR between two,
// and parentheses. Words without an operator are looked for anywhere. Dates are
// 2026, 2026-03, 2026-03-14, 14.3.2026, today, yesterday, or 7d, 2w, 3m, 1y ago.
// in:anywhere takes in Junk and Trash. What is not understood is a plain word:
// people never see a syntax error, and every text means something.
package search
