// The one way mail's HTML reaches the screen: cleaned by an allow-list, then shown
// in a frame that can run nothing and load nothing. Each of the three layers
// (DOMPurify, the sandbox, the frame's own CSP) would do alone.

import createDOMPurify from "dompurify";
import { awaitEditor, openEditor } from "./compose.js";
import { showPicture } from "./files.js";
import { flattener } from "./flatten.js";
import { dress, isSimple, lookStyle, markInk } from "./look.js";
import { showText } from "./longtext.js";
import { markWords } from "./marks.js";
import { isLong, pour } from "./pour.js";
import { foldQuote } from "./quote.js";
import { isPixel, loadRemote, remoteAddress } from "./remote.js";
import { shrink } from "./shrink.js";
import { watchLinks } from "./links.js";
import { shallow } from "./shallow.js";
import { turns } from "./turns.js";
import { showPDF } from "./viewpdf.js";
import { written } from "./written.js";

const purify = createDOMPurify(window);

const longest = 2_000_000; // characters; what is beyond is cut off
const linkTarget = /^(?:https?:\/\/[^/\s]|mailto:|tel:)/i;
const pictureData = /^data:image\/(?:png|gif|jpe?g|webp|avif|bmp);base64,/i;
// Functions that fetch. A picture inside the mail has to be an <img>.
const fetches = /(?:url|image|image-set|cross-fade|element|paint|src)\s*\(/i;
const keptRules = new Set(["CSSStyleRule", "CSSMediaRule"]);
const droppedProperties = /^(?:behavior|-moz-binding|cursor|filter|backdrop-filter|mask|mix-blend-mode|animation|transition|content-visibility|zoom|top|left|right|bottom|inset|z-index|transform|translate|scale|rotate|perspective|offset)/;

const config = {
  USE_PROFILES: { html: true },
  WHOLE_DOCUMENT: true,
  RETURN_DOM: true,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  FORBID_TAGS: [
    "form", "input", "button", "select", "option", "optgroup", "textarea", "label", "fieldset", "legend", "datalist",
    "output", "meter", "progress", "dialog", "menu", "audio", "video", "source", "track", "picture", "map", "area",
    "canvas", "template", "slot", "marquee", "blink", "title",
  ],
  FORBID_ATTR: [
    "name", "srcset", "sizes", "background", "poster", "ping", "action", "formaction", "usemap", "ismap", "autofocus",
    "tabindex", "accesskey", "contenteditable", "draggable", "popover", "popovertarget", "slot", "is", "download",
  ],
};

const nothing = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

let blocked = 0;
let remote = 0; // of those, pictures that can be loaded

purify.addHook("uponSanitizeElement", (node, data) => {
  if (data.tagName === "style") node.textContent = cleanSheet(node.textContent);
});

purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.hasAttribute("style")) {
    const style = cleanStyle(node.style);
    if (style) node.setAttribute("style", style);
    else node.removeAttribute("style");
  }
  if (node.tagName === "A") cleanLink(node);
  else node.removeAttribute("href");
  if (node.tagName === "IMG") cleanPicture(node);
  else node.removeAttribute("src");
});

function cleanLink(node) {
  const target = (node.getAttribute("href") ?? "").trim();
  node.removeAttribute("target");
  if (!linkTarget.test(target)) {
    node.removeAttribute("href");
    return;
  }
  node.setAttribute("href", target);
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
  node.setAttribute("title", target);
}

function cleanPicture(node) {
  const source = (node.getAttribute("src") ?? "").trim();
  if (pictureData.test(source)) return;
  node.removeAttribute("src");
  if (/^cid:/i.test(source)) node.setAttribute("data-cid", source.slice(4));
  else if (source) {
    blocked++;
    // A quiet box of the same size, and no sign of something broken.
    node.setAttribute("src", nothing);
    node.setAttribute("data-blocked", "");
    const address = remoteAddress(source);
    if (address && !isPixel(node)) {
      node.setAttribute("data-remote", address);
      remote++;
    }
    if (node.alt) node.setAttribute("title", node.alt);
  }
}

// cleanStyle keeps the declarations that load nothing and stay where they are.
function cleanStyle(style) {
  let kept = "";
  for (let i = 0; i < style.length; i++) {
    const name = style[i];
    const value = style.getPropertyValue(name);
    if (fetches.test(value)) {
      blocked++;
      continue;
    }
    if (droppedProperties.test(name) || name.startsWith("--")) continue;
    if (name === "position" && !/^(?:static|relative)$/i.test(value)) continue;
    if (/[<>\\]/.test(value)) continue;
    kept += `${name}:${value}${style.getPropertyPriority(name) ? "!important" : ""};`;
  }
  return kept;
}

function cleanSheet(text) {
  const sheet = new CSSStyleSheet();
  try {
    sheet.replaceSync(text.replace(/<!--|-->/g, ""));
  } catch {
    return "";
  }
  return cleanRules(sheet.cssRules);
}

function cleanRules(rules) {
  let kept = "";
  for (const rule of rules) {
    if (!keptRules.has(rule.constructor.name)) continue;
    const head = rule.selectorText ?? "@media " + rule.conditionText;
    if (/[<\\{}]/.test(head)) continue;
    kept += `${head}{${rule.selectorText === undefined ? cleanRules(rule.cssRules) : cleanStyle(rule.style)}}`;
  }
  return kept;
}

const policy = "default-src 'none'; img-src blob: data:; style-src 'unsafe-inline'";
const ownStyle =
  "html,body{height:auto!important;min-height:0!important}html{overflow-x:auto;overflow-y:hidden;color-scheme:light}" +
  "body{margin:0;font:14px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;color:#1c1917;overflow-wrap:break-word}" +
  "img{max-width:100%}img:not([width]):not([height]){height:auto}a{color:#9a3412}pre{white-space:pre-wrap}" +
  "blockquote{margin:0 0 0 4px;padding-left:12px;border-left:2px solid #d6d3d1;color:#57534e}img[data-blocked]{background:#f1ece6;border-radius:4px}" +
  "img[data-remote]:not([width]):not([height]){min-width:64px;min-height:40px}" +
  lookStyle;

// sanitizeMail gives the document to show for a mail's HTML, how many pictures and
// other remote things were left out, and whether it was cut.
function sanitizeMail(html) {
  const truncated = html.length > longest;
  blocked = remote = 0;
  const clean = purify.sanitize(shallow(truncated ? html.slice(0, longest) : html), config);
  direct(clean.querySelector("body"));
  const simple = isSimple(clean);
  if (simple) markInk(clean);
  const quoted = !!clean.querySelector("body") && foldQuote(clean.querySelector("body"));
  const head = clean.querySelector("head")?.innerHTML ?? "";
  const body = clean.querySelector("body")?.outerHTML ?? "<body></body>";
  return { html: paper(head, body), blocked, remote, truncated, quoted, simple };
}

// direct has a mail that does not say its direction take that of its first letters.
function direct(body) {
  if (body && !body.dir) body.dir = "auto";
}

const paper = (head, body) =>
  `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">` +
  `<base target="_blank"><style data-own>${ownStyle}</style>${head}</head>${body}</html>`;

// pourMail is sanitizeMail for a long mail, into a document that shows paper and nothing
// on it. It gives what sanitizeMail gives, in the end.
async function pourMail(html, inside, rest) {
  const left = { blocked: 0, remote: 0 };
  const clean = (node) => {
    blocked = remote = 0;
    purify.sanitize(node, { ...config, IN_PLACE: true });
    left.blocked += blocked;
    left.remote += remote;
    return node;
  };
  await pour(shallow(html.slice(0, longest)), clean, inside, rest);
  direct(inside.body);
  const simple = isSimple(inside);
  if (simple) markInk(inside);
  // Whoever wants all of a very long mail wants the quotes, too; looking for them takes long.
  const short = !inside.body.getElementsByTagName("*").item(10_000);
  return { ...left, simple, quoted: short && foldQuote(inside.body) };
}

// showMail fills host with a frame of the mail, called title. pictures maps the Content-Id of a
// part to where it can be fetched; followed is what watchLinks wants. The answer says what
// was left out, and how many pictures its load would fetch; its close frees what the frame
// holds. Of a long mail it is busy yet, and told gets to know the rest when it is all there.
function showMail(host, title, html, pictures, followed, told) {
  const long = isLong(html);
  const mail = long ? { html: paper("", "<body></body>"), blocked: 0, remote: 0, truncated: html.length > longest, quoted: false, simple: false } : sanitizeMail(html);
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.className = "mail-frame";
  // No allow-scripts, ever: it is what the other two layers stand behind.
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  frame.setAttribute("referrerpolicy", "no-referrer");
  const urls = [];
  const gone = new AbortController();
  const size = { room: 0, zoom: 1, shown: 1, height: 0 };
  const fit = new ResizeObserver(() => fitFrame(frame, size));
  const zooms = new MutationObserver(() => fitFrame(frame, size));
  const begin = () => {
    const inside = frame.contentDocument;
    if (!inside?.documentElement) return;
    frame.removeAttribute("aria-busy");
    fitFrame(frame, size);
    fit.observe(inside.documentElement);
    fit.observe(frame.parentElement);
    zooms.observe(host, { attributeFilter: ["data-zoom"] });
    for (const type of ["keydown", "pointerdown"]) inside.addEventListener(type, (event) => passOn(frame, event));
    watchLinks(inside, followed);
    if (!long) embedAll();
  };
  const embedAll = () => {
    for (const img of frame.contentDocument.querySelectorAll("img[data-cid]")) embed(img, pictures, urls, gone.signal);
  };
  const describe = () => {
    host.dataset.quoted = mail.quoted ? "1" : "";
    dress(host, frame, mail.simple, gone.signal);
  };
  let ready = fill(host, frame, mail.html)?.then(begin);
  if (!ready) begin();
  if (long) {
    frame.setAttribute("aria-busy", "true");
    host.dataset.look = "light";
    host.dataset.quoted = "";
    ready = Promise.resolve(ready).then(async () => {
      Object.assign(mail, await pourMail(html, frame.contentDocument, turns(gone.signal)));
      frame.removeAttribute("aria-busy");
      embedAll();
      describe();
      frame.dispatchEvent(new Event("load")); // for who waits for all of it
      told(mail.blocked, mail.remote);
    }).catch((err) => gone.signal.aborted || console.error(err));
  } else describe();
  return {
    blocked: mail.blocked,
    remote: mail.remote,
    truncated: mail.truncated,
    busy: long,
    async load() {
      await ready;
      if (!gone.signal.aborted && frame.contentDocument) await loadRemote(frame.contentDocument, urls, gone.signal);
    },
    close() {
      gone.abort();
      fit.disconnect();
      zooms.disconnect();
      urls.forEach((url) => URL.revokeObjectURL(url));
      frame.remove();
    },
  };
}

// quick is how long a document may be, in characters, to be there in the same frame as the
// click. A longer one would hold up the page: the frame loads it in its own time.
const quick = 100_000;

// fill puts a frame with a document into host. The document is there at once, or when the
// promise it gives is kept: going to a srcdoc takes the browser several turns, 50 ms of a
// busy one. Written or gone to, it is the same document under the same sandbox and policy.
function fill(host, frame, whole) {
  if (whole.length <= quick) {
    host.replaceChildren(frame);
    const inside = frame.contentDocument;
    if (inside) {
      inside.open();
      inside.write(whole);
      inside.close();
      return null;
    }
  }
  frame.setAttribute("aria-busy", "true");
  frame.srcdoc = whole;
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  host.replaceChildren(frame);
  return loaded;
}

// smallest is how far a mail made for wider screens is shrunk; what is wider still
// scrolls sideways.
const smallest = 0.45;

// fitFrame makes the frame as high as its content, and the content as narrow as the
// frame, unless the person has chosen how large it is. size is what it did before: it lays
// the mail out anew only where the room has changed, or what is in it has grown wider, for
// that takes as long as all the rest.
function fitFrame(frame, size) {
  const inside = frame.contentDocument?.documentElement;
  const body = inside?.querySelector("body");
  const host = frame.parentElement;
  if (!body || !host) return;
  const show = (zoom) => {
    if (zoom !== size.shown) body.style.zoom = size.shown = zoom;
  };
  const chosen = Number(host.dataset.zoom) || 0;
  const room = inside.clientWidth;
  if (chosen) {
    show(chosen);
  } else {
    if (room !== size.room) size.zoom = 1;
    size.room = room;
    show(size.zoom);
    const needed = inside.scrollWidth;
    if (room > 0 && needed > room + 1 && size.zoom > smallest) {
      size.zoom = Math.max((size.zoom * room) / needed, smallest);
      show(size.zoom);
    }
    host.dataset.fit = size.zoom;
  }
  const height = Math.ceil(inside.getBoundingClientRect().height);
  if (height > 0 && height !== size.height) frame.style.height = (size.height = height) + "px";
}

// passOn lets keys and clicks inside the frame mean outside what they mean elsewhere.
function passOn(frame, event) {
  const { key, code, ctrlKey, metaKey, shiftKey, altKey } = event;
  const same =
    event.type === "keydown"
      ? new KeyboardEvent("keydown", { key, code, ctrlKey, metaKey, shiftKey, altKey, bubbles: true, cancelable: true })
      : new PointerEvent(event.type, { bubbles: true });
  if (!frame.dispatchEvent(same)) event.preventDefault();
}

// embed shows a part of the mail as a picture.
async function embed(img, pictures, urls, signal) {
  const url = pictures[decode(img.dataset.cid)];
  if (!url) return;
  try {
    const response = await fetch(url, { signal });
    const type = response.headers.get("Content-Type") ?? "";
    if (!response.ok) return;
    const blob = await response.blob();
    // A picture drawn by <img> runs no scripts; SVG may still not come this way.
    if (/svg|xml|html/i.test(type)) return;
    const object = URL.createObjectURL(blob);
    urls.push(object);
    img.src = object;
  } catch {
    // The message was closed, or the picture cannot be had: its text stands for it.
  }
}

function decode(cid) {
  try {
    return decodeURIComponent(cid);
  } catch {
    return cid;
  }
}

const newPurifier = () => createDOMPurify(window);
const flatten = flattener(newPurifier());
globalThis.hearthmail = Object.assign(globalThis.hearthmail ?? {}, { sanitizeMail, showMail, showPicture, showPDF, showText, markWords, flatten, openEditor, awaitEditor, newPurifier, shrink, written });
