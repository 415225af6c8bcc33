"""Fronts as a small SVG: every painting a dot, every method's median front a line."""

from collections.abc import Mapping, Sequence
from html import escape

from benchmarks.fronts import PHOTOGRAPH, STYLE, Point

WIDTH, HEIGHT, LEFT, TOP, SIDE = 620, 470, 60, 40, 380
COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#86198f", "#a16207", "#334155", "#be123c", "#0f766e")


def svg(
    title: str, dots: Mapping[str, Sequence[Point]], lines: Mapping[str, Sequence[Point]]
) -> str:
    """`dots` and `lines` by method; content distance goes right, style distance up."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12" fill="#1f2937">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, 22, title, size=14),
        *_axes(),
    ]
    for number, method in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        shown = [point for point in dots.get(method, ()) if max(point) <= 1.05]
        parts += [_dot(point, colour) for point in shown]
        parts.append(_line(lines[method], colour))
        y = TOP + 14 + 20 * number
        parts.append(f'<circle cx="{LEFT + SIDE + 20}" cy="{y - 4}" r="5" fill="{colour}"/>')
        parts.append(_text(LEFT + SIDE + 31, y, method))
    parts += [_dot(PHOTOGRAPH, "#1f2937", 4), _dot(STYLE, "#1f2937", 4)]
    parts.append(_text(_x(0) + 8, _y(1) - 6, "the photograph"))
    parts.append(_text(_x(1) + 8, _y(0) + 4, "the style"))
    return "\n".join([*parts, "</svg>", ""])


def _axes() -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        value = tenth / 10
        for x1, y1, x2, y2 in ((0, value, 1, value), (value, 0, value, 1)):
            parts.append(
                f'<path d="M{_x(x1):.1f} {_y(y1):.1f}L{_x(x2):.1f} {_y(y2):.1f}" stroke="#e5e7eb"/>'
            )
        parts.append(_text(LEFT - 8, _y(value) + 4, f"{value:g}", anchor="end"))
        parts.append(_text(_x(value), TOP + SIDE + 18, f"{value:g}", anchor="middle"))
    middle = TOP + SIDE / 2
    parts.append(_text(_x(0.5), TOP + SIDE + 38, "content distance", anchor="middle"))
    parts.append(
        f'<text x="18" y="{middle:g}" text-anchor="middle" '
        f'transform="rotate(-90 18 {middle:g})">style distance</text>'
    )
    return parts


def _x(content: float) -> float:
    return LEFT + SIDE * content


def _y(style: float) -> float:
    return TOP + SIDE * (1.0 - style)


def _dot(point: Point, colour: str, radius: float = 2.5) -> str:
    x, y = _x(point[0]), _y(point[1])
    opacity = 1 if radius > 3 else 0.45
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" fill-opacity="{opacity}"/>'
    )


def _line(points: Sequence[Point], colour: str) -> str:
    path = "L".join(f"{_x(content):.1f} {_y(style):.1f}" for content, style in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
    )
