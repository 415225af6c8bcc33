// Before and after, one on top of the other, with a slider between them. Without scripts the two stand side by side.
export function enhanceComparison(holder) {
  if (holder.classList.contains("live")) return;
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 100, value: 50, autocomplete: "off" });
  slider.setAttribute("aria-label", holder.dataset.label);
  const picture = holder.querySelector("img");
  // As wide as a picture of that height can be, so that the slider ends where the picture does.
  holder.style.maxWidth = `calc(78vh * ${picture.getAttribute("width") / picture.getAttribute("height")})`;
  const seam = Object.assign(document.createElement("span"), { className: "seam" });
  const move = () => holder.style.setProperty("--at", `${slider.value}%`);
  slider.addEventListener("input", move);
  holder.append(seam, slider);
  holder.classList.add("live");
  move();
}
