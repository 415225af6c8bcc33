// The drafts show themselves as they grow: the page fetches itself again until all are finished.
import { takeOver } from "./takeover.js";

const EVERY_MS = 1500;

async function refresh() {
  const lost = document.querySelector("[data-lost]");
  let live = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status === 404) return location.reload(); // deleted meanwhile
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    live = "live" in page.querySelector("#job").dataset;
    await takeOver(page, () => {});
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  if (live) setTimeout(refresh, EVERY_MS);
}

if ("live" in document.querySelector("#job").dataset) setTimeout(refresh, EVERY_MS);
