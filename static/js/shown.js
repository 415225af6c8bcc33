// What a zone shows: thumbnails of files, or a sample. Files are drawn on a canvas, which needs no
// permission in the content security policy and keeps only a small copy of a large photograph.
const WIDTH = 720;

export function showNothing(shown) {
  shown.replaceChildren();
}

export function showSample(shown, radio) {
  const picture = new Image();
  picture.src = radio.dataset.picture;
  picture.alt = "";
  shown.replaceChildren(picture, name(radio.closest("label").title));
}

export async function showFiles(shown, files) {
  const pictures = await Promise.all(files.map((file) => drawn(file, shown.dataset.unseen)));
  shown.replaceChildren(...pictures, name(files.map((file) => file.name).join(", ")));
}

async function drawn(file, sentence) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: "high" });
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.setAttribute("aria-hidden", "true");
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas;
  } catch {
    return Object.assign(document.createElement("p"), { textContent: `${file.name}. ${sentence}` });
  }
}

function name(text) {
  return Object.assign(document.createElement("span"), { className: "unseen", textContent: text });
}
