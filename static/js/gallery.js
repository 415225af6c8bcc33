// Choosing pictures: how many there are, and all of them at once. The form itself needs no script.
import "./living.js";

const boxes = () => [...document.querySelectorAll(".pick")];

function count() {
  const place = document.querySelector("[data-count]");
  if (place) place.textContent = place.dataset.count.replace("{}", boxes().filter((box) => box.checked).length);
}

// Heard from afar, since the cards are replaced where others have come.
document.addEventListener("change", (event) => event.target.matches(".pick") && count());
document.addEventListener("click", (event) => {
  if (!event.target.matches("[data-all]")) return;
  boxes().forEach((box) => (box.checked = true));
  count();
});
window.addEventListener("pageshow", count); // "back" brings the boxes as they were left
