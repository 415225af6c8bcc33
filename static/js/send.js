// Sends the form in place, so that a complaint does not cost the chosen files. Where the form has a
// bar for it, it shows how much has been sent.
// The server answers the same pages as without scripts; the sentences are lifted out of them.
export function sendInPlace(form) {
  const button = form.querySelector("[type=submit]");
  const words = button.textContent;
  const bar = form.querySelector("[data-upload]");
  const busy = (yes) => {
    button.disabled = yes;
    if (bar) bar.hidden = !yes;
    button.textContent = yes ? form.dataset.sending : words;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(form); // before the button is disabled
    // A button may lead elsewhere; one that does not would name the page's own address.
    const elsewhere = event.submitter?.hasAttribute("formaction");
    const address = elsewhere ? event.submitter.formAction : form.action;
    busy(true);
    try {
      const answer = await post(address, body, (share) => bar && (bar.value = share));
      if (answer.ok && answer.url !== address) return location.assign(answer.url); // redirected
      complain(form, answer.text);
    } catch {
      notify(form, form.dataset.offline);
    }
    busy(false);
  });
  window.addEventListener("pageshow", () => busy(false)); // "back" brings the page as it was left
}

// Not `fetch`, which does not say how far an upload is.
function post(url, body, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener("load", () => resolve({
      ok: request.status >= 200 && request.status < 300, url: request.responseURL, text: request.responseText,
    }));
    request.addEventListener("error", reject);
    request.send(body);
  });
}

function complain(form, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.querySelector(`#${form.id}`)) {
    const sentences = [...page.querySelectorAll("main h1, main .advice")].map((each) => each.textContent.trim());
    return notify(form, sentences.join(" "));
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
  for (let fold = first?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  first?.focus();
}

function notify(form, sentence) {
  const notice = form.querySelector(".notice");
  notice.hidden = !sentence;
  notice.textContent = sentence;
  if (sentence) notice.scrollIntoView({ block: "nearest" });
}
