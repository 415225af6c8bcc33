// Sends the form in place, so that a complaint does not cost the chosen files.
// The server answers the same pages as without scripts; the sentences are lifted out of them.
export function sendInPlace(form) {
  const button = form.querySelector("[type=submit]");
  const words = button.textContent;
  const busy = (yes) => {
    button.disabled = yes;
    button.textContent = yes ? form.dataset.sending : words;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(form); // before the button is disabled
    busy(true);
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.redirected && answer.ok) return location.assign(answer.url);
      complain(form, await answer.text());
    } catch {
      notify(form, form.dataset.offline);
    }
    busy(false);
  });
  window.addEventListener("pageshow", () => busy(false)); // "back" brings the page as it was left
}

function complain(form, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.querySelector(`#${form.id}`)) {
    return notify(form, page.querySelector("main")?.textContent.trim().replace(/\s+/g, " ") ?? "");
  }
  let first = null;
  for (const place of form.querySelectorAll("p[data-complaint]")) {
    const sentence = page.querySelector(`p[data-complaint="${place.dataset.complaint}"]`).textContent.trim();
    const field = form.querySelector(`[aria-describedby~="${place.id}"]`);
    place.textContent = sentence;
    field.toggleAttribute("aria-invalid", false);
    if (!sentence) continue;
    field.setAttribute("aria-invalid", "true");
    first ??= field;
  }
  notify(form, first ? "" : page.querySelector('.notice p')?.textContent.trim() ?? "");
  first?.closest("details")?.setAttribute("open", "");
  first?.focus();
}

function notify(form, sentence) {
  const notice = form.querySelector(".notice");
  notice.hidden = !sentence;
  notice.textContent = sentence;
  if (sentence) notice.scrollIntoView({ block: "nearest" });
}
