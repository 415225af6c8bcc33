// On every page: says so when the net is gone, and takes it back when Merian answers again.
const AGAIN_MS = 1000;
const PATIENCE_MS = 5000;
const banner = document.querySelector("[data-lost]");

async function look() {
  try {
    await fetch(banner.dataset.lost, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    banner.hidden = true;
  } catch {
    banner.hidden = false;
    setTimeout(look, AGAIN_MS);
  }
}

window.addEventListener("offline", () => (banner.hidden = false));
window.addEventListener("online", look);
if (!navigator.onLine) banner.hidden = false;
