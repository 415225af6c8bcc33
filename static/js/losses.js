// The losses while painting, on a logarithmic scale, as a small SVG.
const WIDTH = 360, HEIGHT = 212, LEFT = 44, BOTTOM = 24, TOP = 20, RIGHT = 8;
const NAMES = ["total", "style", "content", "smoothness"];

export function drawLosses(figure, points) {
  if (!figure || points.length < 2) return;
  figure.hidden = false;
  const values = points.flatMap(({ losses }) => NAMES.map((name) => losses[name])).filter((value) => value > 0);
  const x = scale(points[0].step, points.at(-1).step, LEFT, WIDTH - RIGHT);
  // At least a decade high; and a loss that starts near zero does not flatten the others.
  const top = Math.log10(Math.max(...values));
  const low = Math.max(Math.min(Math.log10(Math.min(...values)), top - 1), top - 5);
  const y = scale(low, top, HEIGHT - BOTTOM, TOP);
  const height = (value) => y(Math.max(low, Math.log10(value)));
  figure.querySelector("svg[data-curves]").replaceChildren(
    ...decades(low, top).flatMap((power) => mark(LEFT, y(power), WIDTH - RIGHT, y(power), format(10 ** power), "end")),
    ...scales(points, x),
    ...steps(points).flatMap((step) => mark(x(step), TOP, x(step), HEIGHT - BOTTOM, format(step), "middle")),
    ...NAMES.map((name) => curve(name, points.filter(({ losses }) => losses[name] > 0)
      .map(({ step, losses }) => `${x(step).toFixed(1)},${height(losses[name]).toFixed(1)}`))),
  );
}

const scale = (from, to, start, end) => (value) => start + ((value - from) / (to - from || 1)) * (end - start);
const format = (number) => new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 }).format(number);

function decades(low, top) {
  const powers = [];
  for (let power = Math.ceil(low); power <= top; power += 1) powers.push(power);
  return powers.length > 1 ? powers : [low, (low + top) / 2, top];
}

function steps(points) {
  const [first, last] = [points[0].step, points.at(-1).step];
  const rough = (last - first) / 4;
  const unit = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  const stride = [1, 2, 5, 10].map((times) => times * unit).find((size) => size >= rough) ?? 1;
  const marks = [];
  for (let step = Math.ceil(first / stride) * stride; step <= last; step += stride) marks.push(step);
  return marks;
}

// Where the picture grew: from there on the losses are of a larger one, and jump. Sizes stand above, where there is room.
function scales(points, x) {
  let free = 0;
  return points.filter(({ scale }, index) => scale && scale !== points[index - 1]?.scale).flatMap(({ step, scale }) => {
    const place = x(step);
    const line = element("line", { x1: place, y1: 2, x2: place, y2: HEIGHT - BOTTOM, class: "scale" });
    if (place < free) return [line];
    free = place + 44;
    const text = element("text", { x: place + 4, y: 11 });
    text.textContent = `${format(scale)} px`;
    return [line, text];
  });
}

function mark(x1, y1, x2, y2, words, anchor) {
  const label = anchor === "end" ? { x: x1 - 6, y: y1 + 4 } : { x: x1, y: y2 + 16 };
  const text = element("text", { ...label, "text-anchor": anchor });
  text.textContent = words;
  return [element("line", { x1, y1, x2, y2, class: "grid" }), text];
}

const curve = (name, places) => element("polyline", { points: places.join(" "), class: `curve ${name}` });

function element(kind, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
