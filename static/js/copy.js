// A button beside a field that copies what stands in it. Without scripts one selects it by hand.
export function enhanceCopy(holder) {
  if (holder.querySelector("button")) return;
  const field = holder.querySelector("input");
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "secondary", textContent: holder.dataset.copy,
  });
  button.addEventListener("click", async () => {
    if (!(await copied(field))) return;
    button.textContent = holder.dataset.copied;
    document.querySelector("#announcement").textContent = holder.dataset.copied;
    setTimeout(() => (button.textContent = holder.dataset.copy), 2000);
  });
  field.addEventListener("focus", () => field.select());
  holder.append(button);
}

// Browsers give the clipboard to pages that came over https or from this machine; else the old way.
async function copied(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
