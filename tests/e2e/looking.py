"""What every page must stand: axe in both themes, and words that fit at every width.

`flaws` leaves the page as it found it, so that a test may go on with it.
"""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (320, 360, 768, 1280, 1920, 3840)
"""CSS pixels, from the narrowest phone to a screen of 4K."""
HEIGHT = 900
COLOURS = """() => axe.run({ runOnly: ["color-contrast", "link-in-text-block"],
  resultTypes: ["violations"] })"""
"""What a theme can change."""

CUT_OFF = """() => {
  const told = [];
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) told.push(`the page is ${page.scrollWidth} px wide`);
  const scrolls = (style) => ["auto", "scroll"].includes(style.overflowX);
  const hides = (style) => ["hidden", "clip"].includes(style.overflowX);
  const words = document.createTreeWalker(document.querySelector("body"), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const { parentElement: holder, data } = words.currentNode;
    if (!data.trim() || holder.closest(".unseen, .skip, noscript, script, option, title")) continue;
    if (!holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    const lines = [...range.getClientRects()].filter((line) => line.width > 0);
    if (!lines.length) continue;
    const left = Math.min(...lines.map((line) => line.left));
    const right = Math.max(...lines.map((line) => line.right));
    const what = `"${data.trim().slice(0, 40)}" in ${holder.localName}.${holder.className}`;
    for (let box = holder; box && box !== page; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (scrolls(style)) break; // can be brought into sight
      const edge = box.getBoundingClientRect();
      const solid = style.display !== "inline" && !(box instanceof SVGElement);
      const own = box === holder || hides(style) || box === document.body;
      if (solid && own && (left < edge.left - 1 || right > edge.right + 1)) {
        told.push(`${what} is cut off or leaves its box`);
        break;
      }
    }
  }
  const pen = document.createElement("canvas").getContext("2d");
  for (const field of document.querySelectorAll("select")) {
    if (!field.checkVisibility()) continue;
    const style = getComputedStyle(field);
    pen.font = style.font;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 16;
    const chosen = field.selectedOptions[0]?.text ?? "";
    if (pen.measureText(chosen).width > room) told.push(`"${chosen}" does not fit its select`);
  }
  return [...new Set(told)];
}"""  # noqa: E501
"""Words that leave their box or the page, and are not to be had by scrolling a part of it."""


def flaws(page: Page) -> list[str]:
    """What axe finds, in the page's theme and the other, and what is cut off; best nothing."""
    return [*flaws_for_axe(page), *flaws_of_width(page)]


def flaws_for_axe(page: Page) -> list[str]:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(reduced_motion="reduce")  # else colours are on their way to others
    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="light" if dark else "dark")
    found += page.evaluate(COLOURS)["violations"]
    page.emulate_media(color_scheme="dark" if dark else "light")
    return [told(each) for each in found]


def told(violation: dict[str, Any]) -> str:
    places = [
        f"{node['target']}: {[each['message'] for each in node['any'] + node['all']]}"
        for node in violation["nodes"]
    ]
    return f"{violation['id']}: {'; '.join(places)}"


def flaws_of_width(page: Page) -> list[str]:
    size = page.viewport_size or {"width": 1280, "height": HEIGHT}
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{width} px: {each}" for each in page.evaluate(CUT_OFF)]
    page.set_viewport_size(size)
    return found
