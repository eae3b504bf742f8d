// Files of a mail as pictures: only what is one by its first octets, and only as
// something an <img> draws.

const kinds = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/bmp", [0x42, 0x4d]],
];

export function pictureKind(octets) {
  for (const [type, magic] of kinds) if (magic.every((v, i) => octets[i] === v)) return type;
  const word = (at, length) => String.fromCharCode(...octets.slice(at, at + length));
  if (word(0, 4) === "RIFF" && word(8, 4) === "WEBP") return "image/webp";
  if (word(4, 4) === "ftyp" && /^avi[fs]$/.test(word(8, 4))) return "image/avif";
  return "";
}

// showPicture draws what lies at url in an <img>, which says by its data how far that
// is: loading, shown or failed.
export function showPicture(img, url, most) {
  const gone = new AbortController();
  let object = "";
  img.dataset.picture = "loading";
  (async () => {
    try {
      const response = await fetch(url, { signal: gone.signal });
      if (!response.ok || Number(response.headers.get("Content-Length")) > most) throw new Error("not to be had");
      const data = await response.arrayBuffer();
      const type = pictureKind(new Uint8Array(data, 0, Math.min(16, data.byteLength)));
      if (!type || data.byteLength > most) throw new Error("no picture");
      if (gone.signal.aborted) return;
      object = URL.createObjectURL(new Blob([data], { type }));
      img.src = object;
      await img.decode();
      img.dataset.picture = "shown";
    } catch {
      if (!gone.signal.aborted) img.dataset.picture = "failed";
    }
  })();
  return {
    close() {
      gone.abort();
      if (object) URL.revokeObjectURL(object);
      img.removeAttribute("src");
      delete img.dataset.picture;
    },
  };
}
