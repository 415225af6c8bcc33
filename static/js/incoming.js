// Pictures that arrive at the page as a whole: pasted, or dropped beside the zones.
const KNOWN = /\.(jpe?g|png|webp|avif|hei[cf]|gif|tiff?)$/i;

// Browsers do not know the type of HEIC files everywhere: the name counts too.
export const isPicture = (file) => file.type.startsWith("image/") || KNOWN.test(file.name);

export function catchPastedPictures(zones) {
  document.addEventListener("paste", (event) => {
    const pictures = [...(event.clipboardData?.files ?? [])].filter(isPicture);
    if (!pictures.length) return;
    event.preventDefault();
    const focused = zones.find((zone) => zone.holds(document.activeElement));
    (focused ?? zones.find((zone) => !zone.isFilled()) ?? zones[0]).take(pictures);
  });
}

// A picture dropped a little beside a zone must not replace the page.
export function refuseStrayDrops() {
  for (const type of ["dragover", "drop"]) {
    window.addEventListener(type, (event) => event.preventDefault());
  }
}
