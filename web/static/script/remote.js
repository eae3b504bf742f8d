// Pictures that lie elsewhere. They keep their place and are not asked for, until the
// person wants them: then the bridge fetches them (POST /pictures), never the frame.

const atOnce = 4;
const most = 200; // of one message
const shown = /^image\/(?:png|jpeg|gif|webp)$/;

// remoteAddress is where a picture lies on the web, "" if nowhere that is followed.
export function remoteAddress(source) {
  try {
    const url = new URL(source.replace(/^\/\//, "https://"));
    return /^https?:$/.test(url.protocol) && url.hostname && !url.username && !url.password ? url.href : "";
  } catch {
    return "";
  }
}

// isPixel reports whether nobody is meant to see a picture: it is there to tell who reads.
export function isPixel(img) {
  const size = (name) => parseFloat(img.style[name] || img.getAttribute(name) || "NaN");
  return size("width") <= 1 || size("height") <= 1 || img.style.display === "none" || img.style.visibility === "hidden" || img.style.opacity === "0";
}

// loadRemote fills in the pictures of a document, a few at a time, each address once.
export async function loadRemote(inside, urls, signal) {
  const places = new Map();
  for (const img of inside.querySelectorAll("img[data-remote]")) {
    const address = img.dataset.remote;
    if (places.has(address)) places.get(address).push(img);
    else if (places.size < most) places.set(address, [img]);
  }
  const queue = [...places];
  const worker = async () => {
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) await fill(...next, urls, signal);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function fill(address, images, urls, signal) {
  try {
    const response = await fetch("/pictures", {
      method: "POST", signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ url: address }),
    });
    if (!response.ok) return;
    const blob = await response.blob();
    if (!shown.test(blob.type) || signal.aborted) return;
    const object = URL.createObjectURL(blob);
    urls.push(object);
    for (const img of images) {
      img.removeAttribute("data-remote");
      img.removeAttribute("data-blocked");
      img.src = object;
    }
  } catch {
    // The message was closed, or the picture cannot be had: its place stays as it is.
  }
}
