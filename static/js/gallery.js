// Choosing pictures: how many there are, and all of them at once. The form itself needs no script.
const form = document.querySelector("#chosen");
const boxes = [...document.querySelectorAll(".pick")];

function count() {
  const place = form.querySelector("[data-count]");
  place.textContent = place.dataset.count.replace("{}", boxes.filter((box) => box.checked).length);
}

if (form) {
  boxes.forEach((box) => box.addEventListener("change", count));
  form.querySelector("[data-all]").addEventListener("click", () => {
    boxes.forEach((box) => (box.checked = true));
    count();
  });
  window.addEventListener("pageshow", count); // "back" brings the boxes as they were left
}
