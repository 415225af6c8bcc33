// A page that could not be shown tries again when it was told to, as long as somebody looks at it.
import { onReturn } from "./returning.js";

const seconds = Number(document.querySelector("[data-again]")?.dataset.again);
const tryAgain = () => document.hidden || location.reload();

if (seconds) {
  setTimeout(tryAgain, seconds * 1000);
  onReturn(tryAgain);
}
