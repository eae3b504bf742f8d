// The doors of the editor: what is set, pasted or dropped into it is cleaned by an
// allow-list before it is part of the page. Nothing in it runs or loads: pictures are
// parts of the message, drawn from blob: URLs, or places that stand for remote ones.

const tags = (
  "a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q " +
  "s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var"
).split(" ");
const attributes = (
  "align alt bgcolor border cellpadding cellspacing class color colspan dir face height href lang rowspan size src start style title type valign width"
).split(" ");
const ownClasses = /^(?:size|colour|font|highlight)$/;
const linkTarget = /^(?:https?:\/\/[^/\s]|mailto:|tel:)/i;
const fetches = /(?:url|image|image-set|cross-fade|element|paint|src|expression)\s*\(/i;
const looks = /^(?:background-color|border|color|direction|font|height|letter-spacing|line-height|list-style-type|margin|max-width|min-width|padding|text-|vertical-align|white-space|width|word-break|overflow-wrap|unicode-bidi)/;
// What a paste leaves behind: the look of the page it comes from.
const pasted = /^(?:background|color$|font-family|font-size|font$|line-height|margin|padding|letter-spacing|white-space|width|height|max-|min-|border(?!-collapse))/;

// What attributes hold is decided below; nothing of this runs.
const addresses = /^(?:(?:https?|mailto|tel|cid|blob):|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i;

const config = { ALLOWED_URI_REGEXP: addresses, ALLOWED_TAGS: tags, ALLOWED_ATTR: attributes, ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false, RETURN_DOM_FRAGMENT: true };

// A Door cleans HTML. pictureOf gives the URL of a part by its Content-Id, partOf the
// Content-Id of a URL that pictureOf gave.
export function newDoor(purify, pictureOf, partOf) {
  purify.addHook("afterSanitizeAttributes", (node) => {
    if (node.hasAttribute("style")) restyle(node, (name, value) => looks.test(name) && !fetches.test(value) && !/^-|\s-/.test(value));
    if (node.hasAttribute("class")) {
      const kept = [...node.classList].filter((name) => ownClasses.test(name)).join(" ");
      if (kept) node.className = kept;
      else node.removeAttribute("class");
    }
    if (node.tagName === "A") {
      const target = (node.getAttribute("href") ?? "").trim();
      if (linkTarget.test(target)) node.setAttribute("href", target);
      else node.removeAttribute("href");
    } else node.removeAttribute("href");
    if (node.tagName === "IMG") place(node);
    else node.removeAttribute("src");
  });

  function place(img) {
    const source = (img.getAttribute("src") ?? "").trim();
    img.removeAttribute("src");
    const part = /^cid:/i.test(source) ? decode(source.slice(4)) : partOf(source);
    if (part) {
      img.setAttribute("data-cid", part);
      const url = pictureOf(part);
      if (url) img.setAttribute("src", url);
    } else if (/^https?:\/\//i.test(source)) img.setAttribute("data-remote", source);
    else if (/^data:image\/(?:png|gif|jpe?g|webp);base64,/i.test(source)) img.setAttribute("data-paste", source);
  }
  return (html) => purify.sanitize(html, config);
}

function restyle(node, keep) {
  const { style } = node;
  let text = "";
  for (const name of [...style]) {
    const value = style.getPropertyValue(name);
    if (keep(name, value)) text += `${name}:${value};`;
  }
  if (text) node.setAttribute("style", text);
  else node.removeAttribute("style");
}

// undress takes the look of another page off what is pasted, and pictures that are
// elsewhere; it gives the pictures that came with it, whose places are in the fragment.
export function undress(fragment) {
  for (const node of fragment.querySelectorAll("[style]")) restyle(node, (name) => !pasted.test(name));
  for (const node of fragment.querySelectorAll("[bgcolor],[color],[face]")) for (const name of ["bgcolor", "color", "face"]) node.removeAttribute(name);
  const files = [];
  for (const img of fragment.querySelectorAll("img")) {
    if (img.dataset.cid) continue;
    const file = img.dataset.paste && fileOf(img.dataset.paste);
    if (file) files.push(file);
    img.replaceWith(img.alt && !file ? img.alt : "");
  }
  return files;
}

function fileOf(url) {
  const [head, data] = url.split(",", 2);
  const type = head.slice(5, head.indexOf(";"));
  try {
    const octets = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    return new File([octets], "picture." + type.slice(6).replace("jpeg", "jpg"), { type });
  } catch {
    return null;
  }
}

function decode(cid) {
  try {
    return decodeURIComponent(cid);
  } catch {
    return cid;
  }
}
