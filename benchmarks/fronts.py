"""A method's front: the best it can do between the photograph and the style.

Points are (content, style): distances over their copy controls. The two controls belong to every
front: the untouched photograph at (0, 1), the untouched style at (1, 0).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
PHOTOGRAPH: Point = (0.0, 1.0)
STYLE: Point = (1.0, 0.0)


@dataclass(frozen=True)
class Front:
    """Pareto-optimal points from the photograph to the style, joined by lines."""

    points: tuple[Point, ...]
    reach: tuple[float, float]
    """Content distances between which the method itself has points."""

    @classmethod
    def of(cls, points: Iterable[Point]) -> "Front":
        """Of a method's paintings, at least one."""
        painted = list(points)
        contents = [content for content, _ in painted]
        best: list[Point] = []
        for point in sorted([PHOTOGRAPH, *painted, STYLE]):
            if not best or point[1] < best[-1][1]:
                best.append(point)
        return cls(tuple(best), (min(contents), max(contents)))

    @property
    def hull(self) -> tuple[Point, ...]:
        """The points that bend the front towards perfection, and none that bend it away."""
        kept: list[Point] = []
        for point in self.points:
            while len(kept) > 1 and _above(kept[-1], kept[-2], point):
                kept.pop()
            kept.append(point)
        return tuple(kept)

    @property
    def area(self) -> float:
        """Under the hull over content 0..1: 0.5 for nothing but the controls, 0 is perfect.

        Under the hull, because one more painting must never make a method worse.
        """
        return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(self.hull))

    def style_at(self, content: float) -> float:
        """The style distance at a content distance of 0..1."""
        after = bisect_right(self.points, content, key=lambda point: point[0])
        if after == len(self.points):
            return self.points[-1][1]
        (left, high), (right, low) = self.points[after - 1], self.points[after]
        return high + (low - high) * (content - left) / (right - left)

    def reaches(self, content: float) -> bool:
        """Whether the method itself painted pictures at smaller and at larger distances."""
        return self.reach[0] <= content <= self.reach[1]


def _above(point: Point, left: Point, right: Point) -> bool:
    """Whether a point is on or above the line between two others."""
    along, across = right[0] - left[0], right[1] - left[1]
    return (point[1] - left[1]) * along >= (point[0] - left[0]) * across
