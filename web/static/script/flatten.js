// A mail's HTML as a quotation needs it: its style sheets become styles of the elements
// they are about, so that what they hide is known to be hidden and the rest looks as it
// did. What is allowed in the end is web/draft's to say.

import { shallow } from "./shallow.js";

const mostRules = 2000;
const longest = 2_000_000; // characters

const config = {
  USE_PROFILES: { html: true },
  WHOLE_DOCUMENT: true,
  RETURN_DOM: true,
  ADD_ATTR: ["background"],
  FORBID_TAGS: ["form", "input", "button", "select", "textarea", "audio", "video", "source", "template"],
};

export function flattener(purify) {
  return function flatten(html) {
    const clean = purify.sanitize(shallow(html.slice(0, longest)), config);
    const sheets = [...clean.querySelectorAll("style")].map((style) => style.textContent);
    for (const sheet of sheets) apply(rulesOf(sheet), clean);
    // The parser hands no picture on as one that is loaded: this document is inert.
    return (clean.querySelector("body") ?? clean).innerHTML;
  };
}

function rulesOf(text) {
  const sheet = new CSSStyleSheet();
  try {
    sheet.replaceSync(text.replace(/<!--|-->/g, ""));
  } catch {
    return [];
  }
  return [...sheet.cssRules].filter((rule) => rule.selectorText).slice(0, mostRules);
}

// apply puts rules before what elements say themselves, the later rule last.
function apply(rules, root) {
  const sheets = new Map();
  for (const rule of rules) {
    let found;
    try {
      found = root.querySelectorAll(rule.selectorText);
    } catch {
      continue; // a selector that only style sheets know
    }
    for (const node of found) sheets.set(node, (sheets.get(node) ?? "") + rule.style.cssText + ";");
  }
  for (const [node, text] of sheets) node.setAttribute("style", text + (node.getAttribute("style") ?? ""));
}
