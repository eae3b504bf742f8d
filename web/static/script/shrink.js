// Pictures made small enough to be mailed: what a screen shows of them, and nothing that a
// camera wrote beside it, such as where it was.

const longest = 1600; // CSS pixels of the longer side
const quality = 0.85;

// shrink gives a smaller file, or null where that cannot be had.
export async function shrink(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const type = file.type === "image/jpeg" ? file.type : "image/png"; // others may be see-through
  const small = await canvas.convertToBlob({ type, quality });
  return small.size < file.size ? new File([small], file.name, { type }) : null;
}
