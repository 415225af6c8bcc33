// Before and after, one on top of the other, with a slider between them. Without scripts the two stand side by side.
export function enhanceComparison(holder) {
  if (holder.classList.contains("live")) return;
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 100, value: 50, autocomplete: "off" });
  slider.setAttribute("aria-label", holder.dataset.label);
  const seam = Object.assign(document.createElement("span"), { className: "seam" });
  const move = () => holder.style.setProperty("--at", `${slider.value}%`);
  slider.addEventListener("input", move);
  holder.append(seam, slider);
  holder.classList.add("live");
  move();
}
