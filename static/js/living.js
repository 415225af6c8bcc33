// Pages of several jobs show how each of them stands: they fetch themselves again while one is worked
// on, and when somebody comes back to them.
import { onReturn } from "./returning.js";
import { fetchAgain, takeOver } from "./takeover.js";

const EVERY_MS = 1500;
let waiting = 0;
let sent = 0, shown = 0; // questions, so that a late answer never covers a newer one

const isChoosing = () => document.querySelector(".pick:checked");
const isAnother = (page) => page.querySelector("#job")?.dataset.look !== document.querySelector("#job").dataset.look;
const isLive = () => "live" in document.querySelector("#job").dataset;

async function refresh() {
  clearTimeout(waiting);
  const mine = ++sent;
  const lost = document.querySelector("[data-lost]");
  try {
    const page = await fetchAgain();
    if (!page) return;
    lost.hidden = true;
    if (mine > shown) await show(page);
    shown = Math.max(mine, shown);
  } catch {
    lost.hidden = false;
  }
  wait();
}

async function show(page) {
  if (isChoosing() && isAnother(page)) return; // nothing goes from under the hand
  await takeOver(page, () => {});
  document.querySelector("#job").toggleAttribute("data-live", "live" in page.querySelector("#job").dataset);
}

function wait() {
  clearTimeout(waiting);
  if (isLive() || !document.querySelector("[data-lost]").hidden) waiting = setTimeout(refresh, EVERY_MS);
}

if (document.querySelector("#job")) {
  wait();
  onReturn(refresh);
}
