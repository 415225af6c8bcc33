// Takes over what changed from a fresh copy of the page, without flicker and without moving the focus.
const PATIENCE_MS = 8000; // a connection that died with the net never answers

// Undefined where the page is gone, and the browser told to see for itself.
export async function fetchAgain() {
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status === 404) return location.reload(); // deleted meanwhile
  if (!answer.ok) throw new Error(answer.statusText);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

export async function takeOver(page, afterwards) {
  const [old, fresh] = [document, page].map((each) => each.querySelector("#job"));
  if (old.dataset.look === fresh.dataset.look) {
    for (const part of fresh.querySelectorAll("[data-part]")) {
      await takeOverPart(old.querySelector(`[data-part="${part.dataset.part}"]`), part);
    }
  } else {
    await takeOverWhole(old, fresh);
    document.title = page.title;
  }
  announce(page.querySelector("#announcement").textContent);
  afterwards();
}

async function takeOverPart(old, fresh) {
  if (!old || old.isEqualNode(fresh)) return;
  if (fresh.matches("progress")) {
    old.value = fresh.value; // the same element, so that the bar glides
    return;
  }
  const copy = await withPictures(fresh);
  const focused = reachable(old).indexOf(document.activeElement);
  old.replaceChildren(...copy.childNodes);
  reachable(old)[focused]?.focus({ preventScroll: true });
}

async function takeOverWhole(old, fresh) {
  const copy = await withPictures(fresh);
  const focused = old.contains(document.activeElement) && document.activeElement;
  old.replaceWith(copy);
  const same = focused.id && copy.querySelector(`#${focused.id}`);
  if (focused) (same || copy.querySelector("h1, h2"))?.focus({ preventScroll: true });
}

const reachable = (part) => [...part.querySelectorAll("a, button, summary, input")];

// Pictures are decoded before they are put in, else the old one would blink away.
async function withPictures(fresh) {
  const copy = document.importNode(fresh, true);
  await Promise.allSettled([...copy.querySelectorAll("img")].map((picture) => {
    picture.loading = "eager"; // else it would wait to be seen before it is there
    return picture.decode();
  }));
  return copy;
}

function announce(sentence) {
  const place = document.querySelector("#announcement");
  if (place.textContent !== sentence) place.textContent = sentence;
}
