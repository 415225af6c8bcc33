// A style, a strength and a seed by chance, in the form as it is: nothing that was entered is lost.
const any = (list) => list[Math.floor(Math.random() * list.length)];

export function offerSurprise(form) {
  form.querySelector("[data-surprise]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const styles = [...form.querySelectorAll("[name=style_sample]")].filter((radio) => radio.value && !radio.checked);
    const style = any(styles);
    style.checked = true;
    style.dispatchEvent(new Event("change", { bubbles: true }));
    set(form.elements.strength, any([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]));
    set(form.elements.seed, Math.floor(Math.random() * 1e6));
  });
}

function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
