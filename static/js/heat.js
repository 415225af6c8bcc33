// Where the network looked, laid over the photograph as strongly as the slider says.
export function enhanceHeat(seen) {
  if (seen.querySelector("input")) return;
  const heat = seen.querySelector(".heat");
  const label = document.createElement("label");
  label.className = "strength";
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 100, value: 0, autocomplete: "off" });
  const show = () => (heat.style.opacity = slider.value / 100);
  slider.addEventListener("input", show);
  label.append(seen.dataset.label, slider);
  seen.append(label);
  show();
}
