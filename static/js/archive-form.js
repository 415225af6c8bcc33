// The form that takes an archive: dropped or chosen, named before it is sent, refused at once where
// it is too large.
import { acceptDrops } from "./zone.js";
import { refuseStrayDrops } from "./incoming.js";
import { sendInPlace } from "./send.js";

const MEGABYTE = 1e6;
const form = document.querySelector("form[data-sending]");
const input = form.querySelector('input[type="file"]');
const drop = form.querySelector(".drop");
const complaint = form.querySelector('[data-complaint="archive"]');

function show() {
  const [file] = input.files;
  drop.classList.toggle("filled", Boolean(file));
  form.querySelector("[data-shown]").replaceChildren(...(file ? [told(file)] : []));
  const tooLarge = file && file.size > Number(input.dataset.most);
  complaint.textContent = tooLarge ? input.dataset.tooLarge : "";
  input.toggleAttribute("aria-invalid", false);
  if (tooLarge) input.setAttribute("aria-invalid", "true");
  form.querySelector("[type=submit]").disabled = Boolean(tooLarge);
}

function told(file) {
  const size = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "megabyte", maximumSignificantDigits: 3 });
  return Object.assign(document.createElement("p"), { textContent: `${file.name}, ${size.format(file.size / MEGABYTE)}` });
}

function take([file]) {
  if (!file) return;
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  show();
}

input.addEventListener("change", show);
acceptDrops(drop, take);
refuseStrayDrops();
sendInPlace(form);
if (input.files.length) show(); // the browser restores choices after "back"
