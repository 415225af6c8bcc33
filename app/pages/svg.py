"""Plots for pages as SVG: elements, and two axes with a grid. Colours are the stylesheet's.

No element has a style of its own: the pages' policy forbids it.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

LETTER = 5.9
"""About the width of a letter of a label, in the units of the picture."""


def element(name: str, *inside: object, **attributes: object) -> Markup:
    """One element; texts inside and values are escaped, `class_` and `fill_opacity` renamed."""
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), shown(value))
        for key, value in attributes.items()
    )
    within = Markup("").join(escape(each) for each in inside)
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, within)


def shown(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def picture(width: float, height: float, title: str, *inside: object, kind: str = "") -> Markup:
    """A whole SVG, `title` for those who do not see it."""
    return element(
        "svg", element("title", title), *inside, class_=f"plot {kind}".rstrip(),
        viewBox=f"0 0 {shown(float(width))} {shown(float(height))}", role="img",
        width=float(width), height=float(height),
    )  # fmt: skip


def label(words: object, x: float, y: float, anchor: str = "middle", **more: object) -> Markup:
    return element("text", words, class_="label", x=x, y=y, text_anchor=anchor, **more)


def rule(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return element("line", class_=kind, x1=x1, y1=y1, x2=x2, y2=y2, stroke="currentColor")


@dataclass(frozen=True)
class Axes:
    """Where values of two scales lie in a picture, whose y goes down."""

    left: float
    top: float
    width: float
    height: float
    across: tuple[float, float]
    """The values at the left and at the right edge."""
    up: tuple[float, float]
    """The values at the lower and at the upper edge."""

    def x(self, value: float) -> float:
        low, high = self.across
        return self.left + (value - low) / (high - low) * self.width

    def y(self, value: float) -> float:
        low, high = self.up
        return self.top + (high - value) / (high - low) * self.height

    def frame(
        self,
        across: Iterable[float],
        up: Iterable[float],
        written: tuple[Callable[[float], str], Callable[[float], str]],
        words: tuple[str, str] = ("", ""),
    ) -> Markup:
        """Grid, ticks with their numbers, the axis, and its words: below, and above on the left."""
        bottom, right = self.top + self.height, self.left + self.width
        parts = []
        for value in up:
            y = self.y(value)
            parts += [rule("grid", self.left, y, right, y),
                      label(written[1](value), self.left - 6, y + 4, "end")]  # fmt: skip
        for value in across:
            x = self.x(value)
            parts += [rule("grid", x, self.top, x, bottom),
                      label(written[0](value), x, bottom + 16)]  # fmt: skip
        parts.append(rule("axis", self.left, bottom, right, bottom))
        if words[0]:
            parts.append(label(words[0], self.left + self.width / 2, bottom + 34))
        if words[1]:
            parts.append(label(words[1], 2.0, self.top - 12, "start"))
        return Markup("").join(parts)

    def line(self, kind: str, places: Sequence[tuple[float, float]]) -> Markup:
        """A line through values, one dot where there is one value only."""
        if len(places) == 1:
            return self.dot(kind, *places[0])
        points = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in places)
        return element(
            "polyline", class_=f"line {kind}", points=points, fill="none", stroke="currentColor"
        )

    def dot(self, kind: str, x: float, y: float, radius: float = 3.0, told: str = "") -> Markup:
        """A dot, and what it says when one points at it."""
        inside = [element("title", told)] if told else []
        return element(
            "circle", *inside, class_=f"dot {kind}".rstrip(), cx=self.x(x), cy=self.y(y), r=radius
        )


def legend(middle: float, y: float, entries: Sequence[tuple[str, str]]) -> Markup:
    """A short line and its words for each (kind, words), in one row around `middle`."""
    widths = [24.0 + len(words) * LETTER for _, words in entries]
    x = middle - (sum(widths) + 18.0 * (len(entries) - 1)) / 2
    parts = []
    for (kind, words), width in zip(entries, widths, strict=True):
        parts += [rule(f"line {kind}", x, y - 4, x + 18, y - 4), label(words, x + 24, y, "start")]
        x += width + 18
    return Markup("").join(parts)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between the two, about `most` of them, and at least one."""
    rough = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(rough))
    steps = [times * unit for times in (1, 2, 5, 10)]
    place = next(place for place, step in enumerate(steps) if step >= rough * 0.999)
    # Two steps may be all that is wanted, and neither fall between the two.
    return multiples(steps[place], low, high) or multiples(steps[place - 1], low, high)


def multiples(step: float, low: float, high: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]
