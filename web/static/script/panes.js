// How wide the mailboxes and the list are. It belongs to the device: it is kept in local
// storage and set before the first paint, and the edges between the panes are moved here,
// without the app. Each edge is a separator with data-edge, drawn by screen/panes.go.

const key = "hearthmail.panes";
const step = 24; // pixels that an arrow key moves an edge by
// What each pane needs at least, and how much of the window the mailboxes may take.
const least = { tree: 180, list: 280, reader: 320 };
const treeMost = 420;
const usual = { tree: 232, list: 410, listBeside: 360 };

const root = document.documentElement;
const three = matchMedia("(min-width: 1100px)");
let chosen = remembered();

function remembered() {
  try {
    const { tree, list } = JSON.parse(localStorage.getItem(key)) ?? {};
    return { tree: Number(tree) || 0, list: Number(list) || 0 };
  } catch {
    return { tree: 0, list: 0 }; // nothing was kept, or storage is switched off
  }
}

function remember() {
  try {
    localStorage.setItem(key, JSON.stringify(chosen));
  } catch {
    // Storage is full or switched off: it is a convenience.
  }
}

const clamp = (low, n, high) => Math.max(low, Math.min(n, high));

// measures is [least, width, most] of each pane in this window.
function measures() {
  const treeTop = clamp(least.tree, innerWidth - least.list - least.reader, treeMost);
  const tree = three.matches ? clamp(least.tree, chosen.tree || usual.tree, treeTop) : 0;
  const listTop = Math.max(least.list, innerWidth - tree - least.reader);
  const list = clamp(least.list, chosen.list || (three.matches ? usual.list : usual.listBeside), listTop);
  return { tree: [least.tree, tree, treeTop], list: [least.list, list, listTop] };
}

// fitPanes gives the panes the widths that were chosen, as far as there is room, and has
// the edges say so.
export function fitPanes() {
  const now = measures();
  root.style.setProperty("--tree", now.tree[1] + "px");
  root.style.setProperty("--list", now.list[1] + "px");
  for (const edge of document.querySelectorAll("[data-edge]")) {
    const [min, width, max] = now[edge.dataset.edge];
    edge.setAttribute("aria-valuemin", min);
    edge.setAttribute("aria-valuenow", width);
    edge.setAttribute("aria-valuemax", max);
  }
}

// choose makes a pane so wide, or as it is by itself (0).
function choose(pane, width) {
  const [min, , max] = measures()[pane];
  chosen[pane] = width && Math.round(clamp(min, width, max));
  fitPanes();
}

const mirrored = () => root.dir === "rtl";
const edgeOf = (event) => event.target.closest?.("[data-edge]");

// drag has the edge follow the pointer until it is let go.
function drag(event) {
  const edge = edgeOf(event);
  if (!edge || event.button !== 0) return;
  event.preventDefault();
  edge.focus({ preventScroll: true });
  edge.setPointerCapture(event.pointerId);
  const pane = edge.dataset.edge;
  const began = event.clientX;
  const width = measures()[pane][1];
  const ends = new AbortController();
  root.dataset.sizing = "";
  const move = ({ clientX }) => choose(pane, width + (mirrored() ? began - clientX : clientX - began));
  edge.addEventListener("pointermove", move, { signal: ends.signal });
  edge.addEventListener("lostpointercapture", () => {
    ends.abort();
    delete root.dataset.sizing;
    remember();
  }, { signal: ends.signal });
}

function press(event) {
  const edge = edgeOf(event);
  if (!edge || event.ctrlKey || event.metaKey || event.altKey) return;
  const pane = edge.dataset.edge;
  const [min, width, max] = measures()[pane];
  const further = mirrored() ? -step : step;
  const widths = { ArrowRight: width + further, ArrowLeft: width - further, Home: min, End: max, Enter: 0 };
  if (!(event.key in widths)) return;
  event.preventDefault(); // the app's own keys leave it alone then
  choose(pane, widths[event.key]);
  remember();
}

// watchPanes begins with it.
export function watchPanes() {
  fitPanes();
  addEventListener("resize", fitPanes);
  addEventListener("storage", (event) => {
    if (event.key !== key) return;
    chosen = remembered();
    fitPanes();
  });
  document.addEventListener("pointerdown", drag);
  document.addEventListener("keydown", press);
  document.addEventListener("dblclick", (event) => {
    const edge = edgeOf(event);
    if (!edge) return;
    choose(edge.dataset.edge, 0);
    remember();
  });
}
