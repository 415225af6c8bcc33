// Tells when somebody looks at the page again after it may have missed something: back from another
// tab, from sleep, from the browser's cache, or from where there was no net.
const TICK_MS = 1000;
const SLEPT_MS = 5000; // between two ticks: the machine slept, or the browser kept the page still

export function onReturn(look) {
  const seen = () => document.hidden || look();
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("resume", seen);
  window.addEventListener("online", seen);
  window.addEventListener("pageshow", (event) => event.persisted && seen());
  // A lid that is opened again tells none of these: only the clock has jumped.
  let ticked = Date.now();
  setInterval(() => {
    const slept = Date.now() - ticked > SLEPT_MS;
    ticked = Date.now();
    if (slept) seen();
  }, TICK_MS);
}
