// Says when a job changed: by server-sent events; where those do not come through, by asking.
// The slow question goes on beside a living stream, since a stream can die without a sign.
const ASK_MS = 2000;
const ASK_BESIDE_STREAM_MS = 8000;

export function listen(url, { onEvent, onChange, isOver }) {
  const stream = new EventSource(url);
  let asked = Date.now();

  for (const type of ["state", "progress", "preview"]) {
    stream.addEventListener(type, (event) => {
      onEvent(JSON.parse(event.data));
      asked = Date.now();
      if (!isOver()) onChange();
    });
  }
  // A finished job's stream ends; the browser would open it again for ever.
  stream.addEventListener("error", () => isOver() && stream.close());

  const clock = setInterval(() => {
    if (isOver()) return clearInterval(clock);
    const patience = stream.readyState === EventSource.OPEN ? ASK_BESIDE_STREAM_MS : ASK_MS;
    if (Date.now() - asked < patience) return;
    asked = Date.now();
    onChange();
  }, ASK_MS / 2);

  // Back from the background, from sleep or from the browser's cache: look at once.
  const look = () => document.hidden || isOver() || onChange();
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.addEventListener("pageshow", (event) => event.persisted && look());
}
