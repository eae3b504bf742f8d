// The browser's half of Hearthmail, compiled to WebAssembly.
//
// main mounts the screen; home wires the rooms for whoever is signed in:
//
//	screen  what people see              reads store, asks actions
//	action  what people do               shows it in store at once, asks client
//	store   what is known                passive
//	client  keeps store and bridge equal talks to a jmap.Caller
//	browser the socket (that Caller), files, address bar, the frame for HTML
//	words   what people read, in their language: all of these say things through it
//
// A message is written in an editor of the page (Squire). Typing does not pass through Go:
// the editor tells that something was written, and its HTML is taken out when a draft is
// saved or sent. Every way into it is cleaned by an allow-list (static/script/door.js), and
// what comes out becomes small HTML by another one (draft.CleanHTML). Quotes of other
// people's mail pass draft.VisibleHTML first: what they hide stays behind.
//
// The page, its styles and the few scripts that must run before or beside the app
// are in static; pack builds all of it into dist, which the bridge embeds. The page is
// built once for each language, as the form to sign in with is read before the app is
// there; the bridge chooses. The app's own words in a language are one file, which the
// page has fetched beside the app.
package main
