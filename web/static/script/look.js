// Mail in the dark. What was written, and not designed, takes the colours of the app;
// newsletters stay on their light card.

const pen = document.createElement("canvas").getContext("2d");
const most = 5000; // elements looked at

// isSimple reports whether a cleaned mail paints nothing of its own: no backgrounds, no
// tables to lay things out.
export function isSimple(page) {
  if (page.querySelector("table,[bgcolor],[background],center")) return false;
  for (const sheet of page.querySelectorAll("style:not([data-own])")) if (/background|@media/i.test(sheet.textContent)) return false;
  for (const node of page.querySelectorAll("[style*=background]")) if (paints(node.style.backgroundColor)) return false;
  return true;
}

function paints(colour) {
  if (!colour || /^(?:transparent|inherit|initial|unset)$/i.test(colour)) return false;
  const [r, g, b, a] = channels(colour);
  return a > 0.1 && (r < 245 || g < 245 || b < 245); // white paper is no design
}

// markInk marks what could not be read on dark ground.
export function markInk(page) {
  let left = most;
  for (const node of page.querySelectorAll("[style*=color],font[color]")) {
    if (left-- === 0) return;
    const colour = node.style.color || node.getAttribute("color");
    if (colour && contrast(channels(colour)) < 4.5) node.dataset.ink = "";
    if (node.style.backgroundColor) node.dataset.paper = "";
  }
}

function channels(colour) {
  pen.fillStyle = "#000";
  pen.fillStyle = colour;
  const set = pen.fillStyle;
  if (set.startsWith("#")) return [1, 3, 5].map((i) => parseInt(set.slice(i, i + 2), 16)).concat(1);
  return set.match(/[\d.]+/g).map(Number);
}

// contrast is that of a colour with the dark surface (WCAG 2).
function contrast([r, g, b]) {
  const light = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  return (luminance + 0.05) / (0.0105 + 0.05);
}

export const lookStyle =
  "html:not([data-quotes]) [data-quoted]{display:none!important}" +
  "html[data-look=dark]{color-scheme:dark}html[data-look=dark] body{color:#efeae4;background:none!important}" +
  "html[data-look=dark] [data-ink]{color:inherit!important}html[data-look=dark] [data-paper]{background:none!important}" +
  "html[data-look=dark] body :not(a,mark,font,[style*=color]){color:inherit!important}html[data-look=dark] a{color:#fb923c!important}" +
  "html[data-look=dark] blockquote{border-color:#6f665e!important;color:#b9b0a6!important}html[data-look=dark] img[data-blocked]{background:#322d29}";

const system = matchMedia("(prefers-color-scheme: dark)");

function inTheDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

// dress keeps a mail's frame in the colours of the app, if it is simple, until the
// answer is called. host says by its data what it looks like. Paper is always light.
export function dress(host, frame, simple, signal) {
  const apply = (event) => {
    const could = simple && inTheDark();
    const dark = could && event?.type !== "beforeprint" && !("original" in host.dataset);
    host.dataset.look = dark ? "dark" : could ? "original" : "light";
    const inside = frame.contentDocument?.documentElement;
    if (!inside) return;
    if (dark) inside.dataset.look = "dark";
    else delete inside.dataset.look;
    if ("quotes" in host.dataset) inside.dataset.quotes = "";
    else delete inside.dataset.quotes;
  };
  const watch = new MutationObserver(apply);
  watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  watch.observe(host, { attributeFilter: ["data-original", "data-quotes"] });
  system.addEventListener("change", apply, { signal });
  for (const type of ["beforeprint", "afterprint"]) addEventListener(type, apply, { signal });
  frame.addEventListener("load", apply);
  signal.addEventListener("abort", () => watch.disconnect());
  apply();
}
