// Says when a job changed: by server-sent events; where those do not come through, by asking.
// The slow question goes on beside a living stream, since a stream can die without a sign.
import { onReturn } from "./returning.js";

const ASK_MS = 2000;
const ASK_BESIDE_STREAM_MS = 8000;
const STALE_MS = 15_000; // a stream that was silent for so long may be dead: another one costs little

export function listen(url, { onEvent, onChange, isOver }) {
  let stream = null;
  let heard = Date.now();
  let asked = heard;

  function open() {
    stream?.close();
    heard = Date.now();
    stream = new EventSource(url);
    for (const type of ["state", "progress", "preview"]) {
      stream.addEventListener(type, (event) => {
        onEvent(JSON.parse(event.data));
        heard = asked = Date.now();
        if (!isOver()) onChange();
      });
    }
    // A finished job's stream ends; the browser would open it again for ever.
    stream.addEventListener("error", () => isOver() && stream.close());
  }

  function ask() {
    asked = Date.now();
    onChange();
  }

  open();
  const clock = setInterval(() => {
    if (isOver()) return clearInterval(clock);
    const patience = stream.readyState === EventSource.OPEN ? ASK_BESIDE_STREAM_MS : ASK_MS;
    if (Date.now() - asked >= patience) ask();
  }, ASK_MS / 2);

  onReturn(() => {
    if (isOver()) return;
    if (Date.now() - heard > STALE_MS) open();
    ask();
  });
}
