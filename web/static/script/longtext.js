// Plain text of any length: read as it comes, and put into the page in pieces, of which the
// browser lays out those near the viewport.

import { turns } from "./turns.js";

const piece = 12_000; // characters, some 250 lines
const character = 7.6; // pixels, about
const address = /\bhttps?:\/\/[^\s<>"]{1,2000}/g;

// showText fills host with the texts at parts ({url, charset}); told gets "" when all is
// there, else why not. What stood above host until now may be taken away meanwhile.
export function showText(host, parts, told) {
  const gone = new AbortController();
  host.style.minHeight = (host.previousElementSibling?.offsetHeight ?? 0) + "px"; // so nothing moves
  host.replaceChildren();
  fill(host, parts, gone.signal).then(
    () => {
      host.style.minHeight = "";
      told("");
    },
    (err) => gone.signal.aborted || told(String(err)),
  );
  return {
    close() {
      gone.abort();
      host.replaceChildren();
    },
  };
}

async function fill(host, parts, signal) {
  const rest = turns(signal);
  const line = parseFloat(getComputedStyle(host).lineHeight) || 22;
  const columns = Math.max(20, Math.floor(host.clientWidth / character));
  for (const { url, charset } of parts) {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(response.statusText);
    const reader = response.body.pipeThrough(decoder(charset)).getReader();
    let kept = "";
    for (let done = false; !done; ) {
      const got = await reader.read();
      done = got.done;
      kept += got.value ?? "";
      let at = 0;
      while (done ? at < kept.length : kept.length - at > piece) {
        const end = cut(kept, at);
        host.append(block(kept.slice(at, end), line, columns));
        at = end;
        await rest();
      }
      kept = kept.slice(at);
    }
  }
}

function decoder(charset) {
  try {
    return new TextDecoderStream(charset || "utf-8");
  } catch {
    return new TextDecoderStream();
  }
}

// cut is where the piece that begins at a position ends: behind a line, if there is one.
function cut(text, at) {
  const end = Math.min(at + piece, text.length);
  if (end === text.length) return end;
  const behind = text.lastIndexOf("\n", end - 1) + 1;
  if (behind > at) return behind;
  const half = text.charCodeAt(end - 1) >= 0xd800 && text.charCodeAt(end - 1) < 0xdc00; // of a character
  return half ? end - 1 : end;
}

function block(text, line, columns) {
  const node = document.createElement("div");
  node.className = "text-block text-piece";
  node.dir = "auto";
  const said = text.replaceAll("\r\n", "\n").replace(/\n$/, "");
  let rows = 0;
  for (const one of said.split("\n")) rows += Math.max(1, Math.ceil(one.length / columns));
  node.style.containIntrinsicHeight = `auto ${Math.ceil(rows * line)}px`;
  let at = 0;
  for (const found of said.matchAll(address)) {
    const link = found[0].replace(/[.,;:!?'*_)\]]+$/, "");
    node.append(said.slice(at, found.index), anchor(link));
    at = found.index + link.length;
  }
  node.append(said.slice(at));
  return node;
}

function anchor(address) {
  const link = document.createElement("a");
  link.href = link.title = link.textContent = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}
