// The editor of messages: Squire, the doors to it, and the buttons above it. It is loaded
// by compose.js.

import Squire from "squire-rte";
import { newDoor, undress } from "./door.js";
import { bindToolbar } from "./toolbar.js";

const quiet = 250; // ms between two reports of writing
const widest = 640; // CSS pixels that a picture takes unless it is made larger

function openEditor(host, toolbar, html, parts, changed, pasted) {
  const urls = new Map(); // Content-Id → object URL
  const owners = new Map(); // object URL → Content-Id
  const gone = new AbortController();
  const door = newDoor(globalThis.hearthmail.newPurifier(), (cid) => urls.get(cid), (url) => owners.get(url));

  const squire = new Squire(host, {
    sanitizeToDOMFragment: door,
    blockTag: "DIV",
    addLinks: true,
    tagAttributes: { blockquote: { type: "cite" } },
    didError: (error) => console.warn(error),
  });

  const keep = (cid, blob) => {
    const url = URL.createObjectURL(blob);
    urls.set(cid, url);
    owners.set(url, cid);
    return url;
  };

  const put = (source) => {
    squire.setHTML(source);
    squire.moveCursorToStart();
    for (const img of host.querySelectorAll("img[data-cid]:not([src])")) fetchPart(img.dataset.cid);
  };

  async function fetchPart(cid) {
    if (!parts[cid] || urls.has(cid)) return;
    try {
      const response = await fetch(parts[cid], { signal: gone.signal });
      if (!response.ok || /svg|xml|html/i.test(response.headers.get("Content-Type") ?? "")) return;
      const url = keep(cid, await response.blob());
      for (const img of host.querySelectorAll("img[data-cid]")) if (img.dataset.cid === cid) img.src = url;
    } catch {
      // The message was closed, or the picture cannot be had: its text stands for it.
    }
  }

  // Typing is reported at once, then now and then: nothing waits for a report.
  let due = 0;
  let last = 0;
  const report = () => {
    clearTimeout(due);
    due = 0;
    last = performance.now();
    changed();
  };
  squire.addEventListener("input", () => {
    if (performance.now() - last > quiet) report();
    else due ||= setTimeout(report, quiet);
  });

  squire.addEventListener("willPaste", (event) => {
    const { fragment } = event.detail;
    if (!fragment) return;
    const files = undress(fragment);
    if (files.length) queueMicrotask(() => pasted(files));
  });
  const pictures = (list) => [...(list ?? [])].filter((file) => /^image\/(?:png|gif|jpeg|webp)$/.test(file.type));
  squire.addEventListener("pasteImage", (event) => {
    const files = pictures(event.detail.clipboardData.files);
    if (files.length) pasted(files);
  });
  const own = (event, data) => {
    const files = pictures(data?.files);
    if (!files.length || files.length < data.files.length) return null; // others are attached
    event.stopPropagation();
    return files;
  };
  const onPaste = (event) => own(event, event.clipboardData);
  const onDrop = (event) => {
    const files = own(event, event.dataTransfer);
    if (!files) return;
    event.preventDefault();
    host.closest("[role=dialog]")?.dispatchEvent(new DragEvent("dragleave", { relatedTarget: document.body }));
    const at = document.caretRangeFromPoint?.(event.clientX, event.clientY);
    if (at && host.contains(at.startContainer)) squire.setSelection(at);
    pasted(files);
  };
  host.addEventListener("paste", onPaste);
  host.addEventListener("drop", onDrop);

  const unbind = bindToolbar(squire, toolbar, host);
  put(html);
  return {
    html: () => squire.getHTML(),
    set: put,
    // continueAfter puts the caret behind that many lines.
    continueAfter(lines) {
      const range = document.createRange();
      range.selectNodeContents(host.children[lines - 1] ?? host);
      range.collapse(false);
      squire.setSelection(range);
      squire.focus();
    },
    show(file, cid) {
      const img = squire.insertImage(keep(cid, file), { alt: file.name, "data-cid": cid });
      img.addEventListener("load", () => img.hasAttribute("width") || img.setAttribute("width", String(Math.min(img.naturalWidth, widest))), { once: true });
    },
    insert(source) {
      squire.focus();
      squire.insertHTML(source);
    },
    focus: () => squire.focus(),
    close() {
      gone.abort();
      if (due) report();
      unbind();
      host.removeEventListener("paste", onPaste);
      host.removeEventListener("drop", onDrop);
      squire.destroy();
      for (const url of urls.values()) URL.revokeObjectURL(url);
    },
  };
}

globalThis.hearthmail.editor = openEditor;
