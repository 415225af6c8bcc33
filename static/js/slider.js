// A slider beside a number field, for the mouse and the thumb. The field keeps the value and the label;
// to keyboards and screen readers a second control with the same meaning would only be noise.
export function addSlider(holder) {
  const field = holder.querySelector("input");
  const slider = document.createElement("input");
  slider.type = "range";
  slider.tabIndex = -1;
  slider.setAttribute("aria-hidden", "true");
  slider.autocomplete = "off";
  Object.assign(slider, { min: field.min, max: field.max, step: field.step, value: field.value });
  slider.addEventListener("input", () => {
    field.value = slider.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", () => (slider.value = field.value));
  window.addEventListener("pageshow", () => (slider.value = field.value));
  holder.append(slider);
}
