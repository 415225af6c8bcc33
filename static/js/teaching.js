// The form that teaches a model: sliders beside numbers, and complaints without losing what was entered.
import { addSlider } from "./slider.js";
import { sendInPlace } from "./send.js";

export function enhanceTeaching(form) {
  if (form.dataset.live) return;
  form.dataset.live = "yes";
  form.querySelectorAll("[data-slider]").forEach(addSlider);
  sendInPlace(form);
}
