// A specimen on the photograph and its line in the list light up together: by the pointer, or when the line has the focus.
export function enhanceBoxes(job) {
  if (job.dataset.boxes) return;
  job.dataset.boxes = "yes";
  const light = (on) => ({ target }) => {
    const one = target.closest?.("[data-box]");
    if (!one) return;
    job.querySelectorAll(`[data-box="${one.dataset.box}"]`).forEach((each) => each.classList.toggle("lit", on));
  };
  job.addEventListener("pointerover", light(true));
  job.addEventListener("pointerout", light(false));
  job.addEventListener("focusin", light(true));
  job.addEventListener("focusout", light(false));
}
