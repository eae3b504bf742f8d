// What runs before the app does: the theme and the view for the first paint, the
// download of app.wasm with real progress, and what to do when it stops.

import { fitPanes, watchPanes } from "./panes.js";
import { hangPicture, takePicture } from "./picture.js";

const root = document.documentElement;
const stored = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off
  }
};

const theme = stored("hearthmail.theme");
if (theme === "light" || theme === "dark") root.dataset.theme = theme;
watchPanes();
// Without a remembered session the form is what a person came for; it needs no app
// to be read and filled in.
root.dataset.view = stored("hearthmail.signedin") ? "loading" : "signin";

// go-app asks the page for these.
globalThis.goappEnv = { GOAPP_ROOT_PREFIX: "", GOAPP_STATIC_RESOURCES_URL: "", GOAPP_INTERNAL_URLS: "[]" };
globalThis.goappGetenv = (key) => globalThis.goappEnv[key] ?? "";

globalThis.hearthmail = { submitted: false, words: "", takePicture, fitPanes };

// The page is parsed, and the scripts that are to follow have not run yet.
const member = stored("hearthmail.signedin");
if (member) document.addEventListener("readystatechange", () => hangPicture(member), { once: true });

const byId = (id) => document.getElementById(id);

function showProgress(part) {
  const bar = byId("loading-bar");
  const percent = Math.min(100, Math.round(part * 100));
  bar.setAttribute("aria-valuenow", String(percent));
  bar.firstElementChild.style.width = percent + "%";
}

// The original response goes to the compiler, so that browsers can keep what they
// compiled; a copy of it is only counted.
async function download(url, size) {
  const response = await fetch(url);
  if (!response.ok) throw new Error("app.wasm: " + response.status);
  count(response.clone(), size);
  return response;
}

async function count(response, size) {
  let seen = 0;
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      seen += value.length;
      showProgress(seen / size);
    }
  } catch {
    // The other copy of the response reports what went wrong.
  }
}

// What can be said before the app is there stands in the page, in its language.
function stopped(why) {
  for (const said of [byId("stopped-title"), byId("stopped-detail")]) said.textContent = said.dataset[why];
  root.dataset.view = "stopped";
}

// The app's words in the language of the page. English is built in: it is also what
// there is when they cannot be had.
async function words() {
  const link = byId("words");
  if (!link) return "";
  try {
    const response = await fetch(link.href);
    return response.ok ? await response.text() : "";
  } catch (error) {
    console.warn(error);
    return "";
  }
}

async function start() {
  const wasm = byId("app-wasm");
  const go = new Go();
  const spoken = words();
  let program;
  try {
    const { instance } = await WebAssembly.instantiateStreaming(download(wasm.href, Number(wasm.dataset.size)), go.importObject);
    program = instance;
  } catch (error) {
    console.error(error);
    stopped(navigator.onLine ? "missing" : "offline");
    return;
  }
  globalThis.hearthmail.words = await spoken;
  globalThis.hearthmail.memory = () => program.exports.mem.buffer.byteLength;
  showProgress(1);
  try {
    await go.run(program);
  } catch (error) {
    console.error(error);
  }
  stopped("failed");
}

// What of the form works before the app is there: to see the password, and to open
// and close the server settings.
function bindForm() {
  const password = byId("signin-password");
  const show = byId("signin-show");
  show.addEventListener("click", () => {
    const shown = password.type === "password";
    password.type = shown ? "text" : "password";
    const label = show.textContent;
    show.textContent = show.dataset.other;
    show.dataset.other = label;
    show.setAttribute("aria-pressed", String(shown));
  });
  const servers = byId("signin-servers");
  const settings = byId("signin-settings");
  settings.addEventListener("click", () => {
    servers.hidden = !servers.hidden;
    settings.setAttribute("aria-expanded", String(!servers.hidden));
  });
}

document.addEventListener("DOMContentLoaded", () => {
  bindForm();
  byId("stopped-reload").addEventListener("click", () => location.reload());
  // Until the app is there, a filled-in form waits for it.
  byId("signin").addEventListener("submit", (event) => {
    event.preventDefault();
    if (globalThis.hearthmail.ready) return;
    globalThis.hearthmail.submitted = true;
    const status = byId("signin-status");
    status.textContent = status.dataset.waiting;
  });
  start();
});

if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch((error) => console.warn(error)));
}
