// The picture of the window: what a tab showed when it was left. A reload hangs it up
// while the app is on its way, half a second on a slow device, and takes it down when the
// app draws. It is built element by element from a list of names that are allowed, its
// texts are text nodes, and nothing of it can be pressed or is read out.

const key = "hearthmail.picture";
const largest = 500_000; // characters
const elements = new Set([
  "DIV", "SPAN", "SECTION", "MAIN", "HEADER", "FOOTER", "NAV", "ASIDE", "UL", "OL", "LI", "P", "H1", "H2", "H3",
  "A", "BUTTON", "INPUT", "LABEL", "FORM", "TIME", "BDI", "MARK", "B", "STRONG", "EM", "SMALL",
]);
const attributes = /^(?:class|style|role|dir|type|placeholder|data-[a-z-]+|aria-(?!labelledby|controls|activedescendant|describedby|owns|live)[a-z]+)$/;
// What comes and goes over the window, and what keeps its place without what it says.
const passing = "[hidden], [role=dialog], [role=alertdialog], [role=menu]";
const emptied = ".reader, [role=status], [role=alert]";

const here = () => location.pathname + location.search;

// takePicture keeps what the window shows to a member, but for the message that is read.
export function takePicture(member) {
  const shown = document.querySelector(".window:not(.hung)");
  if (!shown || document.documentElement.dataset.view !== "app") return;
  const text = JSON.stringify([member, here(), describe(shown)]);
  try {
    if (text.length <= largest) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is full or switched off: it is a convenience.
  }
}

// describe is [name, attributes, scrolled, children] of an element; a text is itself.
function describe(node) {
  const kept = {};
  for (const { name, value } of node.attributes) if (attributes.test(name)) kept[name] = value;
  const children = [];
  if (!node.matches(emptied))
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) children.push(child.data);
      else if (elements.has(child.nodeName) && !child.matches(passing)) children.push(describe(child));
    }
  return [node.nodeName, kept, node.scrollTop, children];
}

// hangPicture shows what was kept of this place for a member, until the page shows
// anything else.
export function hangPicture(member) {
  let drawn = null;
  const scrolled = [];
  try {
    const [whose, where, shown] = JSON.parse(sessionStorage.getItem(key));
    if (whose !== member || where !== here()) return;
    drawn = build(shown, scrolled);
  } catch {
    return; // nothing was kept
  }
  drawn.classList.add("hung");
  drawn.inert = true;
  drawn.setAttribute("aria-hidden", "true");
  document.body.append(drawn);
  for (const [node, top] of scrolled) node.scrollTop = top;
  const root = document.documentElement;
  root.dataset.picture = "";
  const watch = new MutationObserver(() => {
    if (root.dataset.view === "loading") return;
    watch.disconnect();
    drawn.remove();
    delete root.dataset.picture;
  });
  watch.observe(root, { attributeFilter: ["data-view"] });
}

function build([name, kept, top, children], scrolled) {
  if (!elements.has(name)) throw new Error(name);
  const node = document.createElement(name);
  for (const [attribute, value] of Object.entries(kept)) if (attributes.test(attribute)) node.setAttribute(attribute, value);
  if (top > 0) scrolled.push([node, top]);
  for (const child of children) node.append(typeof child === "string" ? child : build(child, scrolled));
  return node;
}
