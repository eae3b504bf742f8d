// The way to the editor: its program is loaded when there is nothing else to do, or when
// the first message is written. Until it is there, the element takes plain words, and they
// stay.

const settling = 3000; // ms that the app has to itself once it shows

let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector("meta[name=editor-script]").content;
    script.onload = () => resolve(globalThis.hearthmail.editor);
    script.onerror = () => {
      loading = null; // tried again with the next message
      script.remove();
      reject(new Error("the editor could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

// A prefetch by the page would be refused in Firefox: no directive of a policy but
// default-src speaks of it there.
export function awaitEditor() {
  const whenIdle = globalThis.requestIdleCallback ?? ((f) => f());
  setTimeout(() => whenIdle(() => load().catch(console.warn)), settling);
}

export function openEditor(host, toolbar, html, pictures, changed, pasted) {
  let editor = null;
  let closed = false;
  let initial = html;
  let shown = []; // pictures that wait for the editor
  let focused = false;
  const early = () => changed();
  host.replaceChildren();
  host.addEventListener("input", early);
  const typed = () => host.innerText.replace(/\n$/, "");
  load().then((open) => {
    if (closed) return;
    host.removeEventListener("input", early);
    const words = typed();
    host.blur(); // else the editor does not see the focus come
    editor = open(host, toolbar, lines(words) + initial, pictures, changed, pasted);
    if (words) editor.continueAfter(words.split("\n").length);
    else if (focused) editor.focus();
    for (const [file, cid] of shown) editor.show(file, cid);
  }, console.warn);
  return {
    // Without the editor what was typed stands above what it would have shown.
    html: () => (editor ? editor.html() : lines(typed()) + initial),
    set(text) {
      if (editor) editor.set(text);
      else {
        initial = text;
        host.replaceChildren();
      }
    },
    show(file, cid) {
      if (editor) editor.show(file, cid);
      else shown.push([file, cid]);
    },
    insert(source) {
      if (editor) editor.insert(source);
    },
    focus() {
      focused = true;
      if (editor) editor.focus();
      else host.focus({ preventScroll: true });
    },
    close() {
      closed = true;
      host.removeEventListener("input", early);
      editor?.close();
    },
  };
}

function lines(text) {
  if (!text) return "";
  const line = document.createElement("div");
  return text.split("\n").map((words) => {
    line.textContent = words;
    return words ? line.outerHTML : "<div><br></div>";
  }).join("");
}
