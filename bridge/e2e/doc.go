// Package e2e drives the whole product as a person would: the real bridge over
// HTTP, real mail servers, the real app in headless Chromium. Things on the page
// are found by role and accessible name, as a screen reader finds them.
//
// Nothing but tests may import it.
package e2e
