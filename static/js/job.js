// The page of a job keeps itself true: whatever happens, it fetches itself again and takes over
// the parts that changed. So there is one rendering, on the server, in the reader's language.
import { listen } from "./changes.js";
import { enhanceBoxes } from "./boxes.js";
import { enhanceComparison } from "./compare.js";
import { enhanceCopy } from "./copy.js";
import { enhanceHeat } from "./heat.js";
import { enhanceTeaching } from "./teaching.js";
import { drawLosses } from "./losses.js";
import { fetchAgain, takeOver } from "./takeover.js";

const EVERY_MS = 1000;
const points = []; // of the chart; they outlive the parts of the page
let last = 0;
let waiting = null;
let sent = 0, shown = 0; // questions, so that a late answer never covers a newer one

const job = () => document.querySelector("#job");
const isOver = () => !("live" in job().dataset);

function enhance() {
  document.querySelectorAll(".compare").forEach(enhanceComparison);
  document.querySelectorAll(".seen[data-label]").forEach(enhanceHeat);
  document.querySelectorAll(".observation").forEach(enhanceBoxes);
  document.querySelectorAll("#teach").forEach(enhanceTeaching);
  document.querySelectorAll("[data-copy]").forEach(enhanceCopy);
  drawLosses(document.querySelector("[data-chart]"), points);
}

// At most once a second, but always once more after the last change.
function refreshSoon() {
  waiting ??= setTimeout(refresh, Math.max(0, last + EVERY_MS - Date.now()));
}

async function refresh() {
  last = Date.now();
  waiting = null;
  const mine = ++sent;
  const lost = document.querySelector("[data-lost]");
  try {
    const page = await fetchAgain();
    if (!page) return;
    if (mine < shown) return;
    shown = mine;
    await takeOver(page, enhance);
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

function onEvent({ attempt, progress: { step, losses, scale } }) {
  if (points.length && points[0].attempt !== attempt) points.length = 0; // painted anew
  if (losses.total > 0 && !(step <= points.at(-1)?.step)) points.push({ attempt, step, losses, scale });
  drawLosses(document.querySelector("[data-chart]"), points);
}

enhance();
listen(job().dataset.events, { onEvent, onChange: refreshSoon, isOver });
