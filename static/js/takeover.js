// Takes over what changed from a fresh copy of the page, without flicker and without moving the focus.

export async function takeOver(page, afterwards) {
  const [old, fresh] = [document, page].map((each) => each.querySelector("#job"));
  if (old.dataset.state === fresh.dataset.state) {
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
  old.replaceChildren(...copy.childNodes);
}

async function takeOverWhole(old, fresh) {
  const hadFocus = old.contains(document.activeElement);
  const copy = await withPictures(fresh);
  old.replaceWith(copy);
  if (hadFocus) copy.querySelector("h1").focus({ preventScroll: true });
}

// Pictures are decoded before they are put in, else the old one would blink away.
async function withPictures(fresh) {
  const copy = document.importNode(fresh, true);
  await Promise.allSettled([...copy.querySelectorAll("img")].map((picture) => picture.decode()));
  return copy;
}

function announce(sentence) {
  const place = document.querySelector("#announcement");
  if (place.textContent !== sentence) place.textContent = sentence;
}
