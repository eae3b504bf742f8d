// What a mail quotes at its end is folded. Only an end: a quote below which somebody
// still says something is a conversation, and stays.

const shows = "img,hr,video,object";
const marker = /^[\s_-]*-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original)\s*-{2,}\s*$/i;
const forwarded = /^\s*-{4,}\s*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado)/i;
const longestAttribution = 400; // characters
const mostSteps = 60;

// foldQuote marks what of a cleaned body is the quote at its end, and reports whether
// there is one. A mail that would be empty without its quote is left alone.
export function foldQuote(body) {
  const folded = quoteAtEnd(body) ?? originalMessage(body);
  if (!folded) return false;
  for (const node of folded) node.dataset.quoted = "";
  if (says(body, folded)) return true;
  for (const node of folded) delete node.dataset.quoted;
  return false;
}

// quoteAtEnd finds the last quote, when nothing is said below it, and who is quoted.
function quoteAtEnd(body) {
  let node = body;
  for (let i = 0; i < mostSteps; i++) {
    const last = lastVisible(node);
    if (last?.nodeType !== Node.ELEMENT_NODE) return null;
    if (isQuote(last)) return forwarded.test(last.textContent) ? null : withAttribution(last, body);
    node = last;
  }
  return null;
}

function isQuote(node) {
  if (node.tagName !== "BLOCKQUOTE") return false;
  if (/^cite$/i.test(node.getAttribute("type") ?? "") || node.classList.contains("gmail_quote")) return true;
  const before = previousVisible(node);
  return !!before && isAttribution(before);
}

function withAttribution(quote, body) {
  const folded = [quote];
  for (let node = quote; node && node !== body; node = node.parentNode) {
    const before = previousVisible(node);
    if (!before) continue;
    if (isAttribution(before)) folded.push(asElement(before));
    break;
  }
  return folded;
}

function isAttribution(node) {
  const text = node.textContent.trim();
  if (forwarded.test(text)) return false;
  if (node.nodeType === Node.ELEMENT_NODE && (node.matches(".moz-cite-prefix,.gmail_attr") || node.querySelector(".moz-cite-prefix,.gmail_attr")) && text.length <= longestAttribution) return true;
  return text.length <= longestAttribution && /[:：]$/.test(text) && /\d/.test(text) && !node.querySelector?.("blockquote");
}

// originalMessage finds what follows "-----Original Message-----".
function originalMessage(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    if (text.length > 200 || !marker.test(text.data)) continue;
    const folded = [];
    for (let node = text; node !== body; node = node.parentNode) {
      let next = node === text ? node : node.nextSibling;
      while (next) {
        const after = next.nextSibling;
        if (visible(next)) folded.push(asElement(next));
        next = after;
      }
    }
    return folded;
  }
  return null;
}

// asElement is something that can be marked: a text gets an element of its own.
function asElement(node) {
  if (node.nodeType === Node.ELEMENT_NODE) return node;
  const span = node.ownerDocument.createElement("span");
  node.replaceWith(span);
  span.append(node);
  return span;
}

function lastVisible(node) {
  for (let child = node.lastChild; child; child = child.previousSibling) if (visible(child)) return child;
  return null;
}

function previousVisible(node) {
  for (let other = node.previousSibling; other; other = other.previousSibling) if (visible(other)) return other;
  return null;
}

// visible reports whether there is something to see: pictures that only count readers
// are not.
function visible(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.trim() !== "";
  if (node.nodeType !== Node.ELEMENT_NODE || node.tagName === "STYLE") return false;
  if (node.textContent.trim() !== "") return true;
  const seen = node.matches(shows) ? [node] : [...node.querySelectorAll(shows)];
  return seen.some((e) => !(e.tagName === "IMG" && Number(e.getAttribute("width") || 9) < 3));
}

// says reports whether anything is left to read beside what is folded.
function says(body, folded) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    folded.includes(node) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE ? node.data.trim() !== "" && node.parentNode.tagName !== "STYLE" : node.tagName === "IMG") return true;
  }
  return false;
}
