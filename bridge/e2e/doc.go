// Package e2e drives the whole product as a person would: the real bridge over
// HTTP, real mail servers, the real app in headless Chromium, and what people do most
// in Firefox as well. Things on the page are found by role and accessible name, as a
// screen reader finds them.
//
// A test says what to do in the words of Page; each browser has a tab to do it with:
// Chromium over its DevTools protocol, which can also be asked for what only it can do
// (fingers, colour schemes, a slower processor), Firefox over WebDriver BiDi. There is no
// driver program in between.
//
// Nothing but tests may import it.
package e2e
