// What the painting will take, told anew whenever something changes on which it depends.
const AFTER_MS = 350;

// "Back" and a reload bring entries that the server did not write.
const wasChanged = (form) => [...form.querySelectorAll("input[type=number]")].some((field) => field.value !== field.defaultValue)
  || [...form.querySelectorAll("select option")].some((option) => option.selected !== option.defaultSelected);

export function foretell(form) {
  const place = form.querySelector("[data-forecast]");
  if (!place) return;
  let waiting = 0;
  let asked = 0;

  async function ask() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !/^(csrf_token|keep_style|.*_sample)$/.test(name) && !query.has(name)) query.set(name, value);
    }
    const picture = form.querySelector("[data-zone=content] [data-shown] :is(img, canvas)");
    if (picture) {
      query.set("width", picture.naturalWidth ?? picture.width);
      query.set("height", picture.naturalHeight ?? picture.height);
    }
    const mine = ++asked;
    const answer = await fetch(`${place.dataset.forecast}?${query}`).catch(() => null);
    const sentence = answer?.ok ? await answer.text() : "";
    if (mine === asked && sentence && sentence !== place.textContent) place.textContent = sentence;
  }

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, AFTER_MS);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  window.addEventListener("pageshow", (event) => (event.persisted || wasChanged(form)) && soon());
  // The photograph's shape is known once it is shown.
  new MutationObserver(soon).observe(form.querySelector("[data-zone=content] [data-shown]"), { childList: true });
}
