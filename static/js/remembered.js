// A reload keeps what was entered, as "back" does; browsers do not agree on that. Files they keep to
// themselves.
export function remember(form) {
  const place = `entries of ${location.pathname}`;
  const fields = () => [...form.elements].filter((field) => field.name && !["hidden", "file", "submit"].includes(field.type));
  const ticks = (field) => ["radio", "checkbox"].includes(field.type);

  window.addEventListener("pagehide", () => {
    sessionStorage.setItem(place, JSON.stringify(fields().map((field) => [field.name, ticks(field) ? field.checked : field.value])));
  });

  if (performance.getEntriesByType("navigation")[0]?.type !== "reload") return;
  const entries = JSON.parse(sessionStorage.getItem(place) ?? "[]");
  fields().forEach((field, number) => {
    const [name, value] = entries[number] ?? [];
    if (name === field.name) field[ticks(field) ? "checked" : "value"] = value;
  });
}
