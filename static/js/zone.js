// A zone takes pictures of one's own (dropped, pasted, chosen, photographed) or one of the samples,
// and always shows what would be sent. The file input stays the only holder of files.
import { showFiles, showSample, showNothing } from "./shown.js";
import { isPicture } from "./incoming.js";

export function enhanceZone(element) {
  const input = element.querySelector('input[type="file"]');
  const drop = element.querySelector(".drop");
  const shown = element.querySelector("[data-shown]");
  const radios = [...element.querySelectorAll('input[type="radio"]')];
  const own = radios.find((radio) => radio.value === "");
  const sample = () => radios.find((radio) => radio.checked && radio.value);

  function show() {
    if (input.files.length) showFiles(shown, [...input.files]);
    else if (sample()) showSample(shown, sample());
    else showNothing(shown);
    drop.classList.toggle("filled", Boolean(input.files.length || sample()));
    element.querySelector("[data-complaint]").textContent = "";
    input.removeAttribute("aria-invalid");
  }

  function take(files) {
    const pictures = files.filter(isPicture).slice(0, input.multiple ? undefined : 1);
    if (!pictures.length) return;
    const transfer = new DataTransfer();
    pictures.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    own.checked = true;
    show();
  }

  input.addEventListener("change", () => {
    if (input.files.length) own.checked = true;
    show();
  });
  radios.forEach((radio) => radio.addEventListener("change", () => {
    if (radio.value) input.value = "";
    show();
  }));
  // A click on "My own" means to choose a file; moving there with the arrow keys does not.
  own.addEventListener("click", (event) => event.detail && !input.files.length && input.click());
  acceptDrops(drop, take);
  offerCamera(element.querySelector("[data-camera]"), input);
  const restore = () => (input.files.length || sample()) && show();
  restore();
  window.addEventListener("pageshow", restore); // "back" and a reload bring choices, but only now

  return { take, isFilled: () => drop.classList.contains("filled"), holds: (node) => element.contains(node) };
}

export function acceptDrops(drop, take) {
  const over = (yes) => (event) => {
    event.preventDefault();
    drop.classList.toggle("over", yes);
  };
  drop.addEventListener("dragenter", over(true));
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
    take([...event.dataTransfer.files]);
  });
}

// `capture` opens the camera at once and hides the album, so it is set only while the camera is wanted.
function offerCamera(button, input) {
  button?.addEventListener("click", () => {
    input.setAttribute("capture", "environment");
    input.click();
    input.removeAttribute("capture");
  });
}
