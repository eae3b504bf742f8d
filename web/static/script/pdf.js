// PDF documents, drawn page by page as they come near. Nothing in them runs and nothing is
// fetched for them: links and forms are drawn and that is all, and the fonts that are not in
// a document are those of the system.

import { AnnotationMode, getDocument, PDFWorker, TextLayer } from "pdfjs-dist/legacy/build/pdf.mjs";

const sharpest = 12_000_000; // pixels of a page: what is larger is drawn coarser
const widest = 900; // CSS pixels of a page that fits
const edge = 24; // beside it
const least = 0.25;
const greatest = 5;

// openPDF draws a document into host, which scrolls: see showPDF in viewpdf.js.
function openPDF(program, host, data, named, told) {
  const worker = new Worker(program);
  const task = getDocument({
    data,
    worker: new PDFWorker({ port: worker }),
    isEvalSupported: false,
    enableXfa: false,
    useSystemFonts: true,
    maxImageSize: 40_000_000,
    verbosity: 0,
  });
  const view = { scale: 0, fits: true, pages: [] };
  let near = null;
  let sized = null;
  let closed = false;

  const begin = async () => {
    const whole = await task.promise;
    const first = await whole.getPage(1);
    const { width, height } = first.getViewport({ scale: 1 });
    host.replaceChildren();
    for (let n = 1; n <= whole.numPages; n++) {
      const node = document.createElement("div");
      node.className = "pdf-page";
      node.setAttribute("role", "group");
      node.setAttribute("aria-label", named(n, whole.numPages));
      view.pages.push({ n, node, width, height, drawn: 0, task: null });
      host.append(node);
    }
    near = new IntersectionObserver((list) => {
      for (const { target, isIntersecting } of list) {
        const page = view.pages.find((p) => p.node === target);
        page.near = isIntersecting;
        if (isIntersecting) draw(whole, page, view).catch(() => {});
        else clear(page);
      }
    }, { root: host, rootMargin: "100%" });
    fit();
    for (const page of view.pages) near.observe(page.node);
    sized = new ResizeObserver(() => view.fits && fit());
    sized.observe(host);
    host.addEventListener("scroll", tell);
    tell();
  };

  const tell = () => {
    const middle = host.getBoundingClientRect().top + host.clientHeight / 3;
    const read = view.pages.findLast((p) => p.node.getBoundingClientRect().top <= middle);
    told("shown", read?.n ?? 1, view.pages.length);
  };

  // scaled shows the pages at a scale; what is in the middle stays there.
  const scaled = (scale) => {
    if (scale === view.scale || host.clientWidth === 0) return;
    const whole = (host.scrollTop + host.clientHeight / 2) / Math.max(host.scrollHeight, 1);
    const started = view.scale > 0;
    view.scale = scale;
    for (const page of view.pages) {
      size(page, scale);
      if (page.near && task.promise) task.promise.then((doc) => draw(doc, page, view)).catch(() => {});
    }
    if (started) host.scrollTop = whole * host.scrollHeight - host.clientHeight / 2;
  };
  const fit = () => scaled(Math.min(host.clientWidth - edge, widest) / Math.max(...view.pages.map((p) => p.width)));

  begin().catch((err) => {
    if (closed) return;
    told(err?.name === "PasswordException" ? "locked" : "broken", 0, 0);
  });
  return {
    // zoom makes the pages larger (1) or smaller (-1), or as wide as there is room (0).
    zoom(by) {
      view.fits = by === 0;
      if (by === 0) fit();
      else scaled(Math.min(Math.max(view.scale * 1.25 ** by, least), greatest));
    },
    close() {
      closed = true;
      near?.disconnect();
      sized?.disconnect();
      host.removeEventListener("scroll", tell);
      task.destroy().finally(() => worker.terminate());
      host.replaceChildren();
    },
  };
}

function size(page, scale) {
  page.node.style.width = Math.floor(page.width * scale) + "px";
  page.node.style.height = Math.floor(page.height * scale) + "px";
  page.node.style.setProperty("--scale-factor", scale);
}

function clear(page) {
  page.task?.cancel();
  page.task = null;
  page.drawn = 0;
  page.node.replaceChildren();
}

// draw draws a page that is near, unless that was done at this scale.
async function draw(whole, page, view) {
  const { scale } = view;
  if (page.drawn === scale) return;
  page.drawn = scale;
  page.task?.cancel();
  const source = await whole.getPage(page.n);
  const natural = source.getViewport({ scale: 1 });
  if (natural.width !== page.width || natural.height !== page.height) {
    [page.width, page.height] = [natural.width, natural.height];
    size(page, scale);
  }
  const wanted = scale * Math.min(devicePixelRatio || 1, 3);
  const sharp = Math.min(wanted, Math.sqrt(sharpest / (natural.width * natural.height)));
  const viewport = source.getViewport({ scale: sharp });
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  canvas.setAttribute("aria-hidden", "true");
  page.task = source.render({ canvasContext: canvas.getContext("2d"), viewport, annotationMode: AnnotationMode.ENABLE });
  await page.task.promise;
  if (page.drawn !== scale) return;
  // The words lie over the picture, unseen, to be selected, searched and read out.
  const text = document.createElement("div");
  text.className = "pdf-text";
  page.node.replaceChildren(canvas, text);
  await new TextLayer({ textContentSource: source.streamTextContent(), container: text, viewport: source.getViewport({ scale }) }).render();
}

globalThis.hearthmail.pdf = openPDF;
