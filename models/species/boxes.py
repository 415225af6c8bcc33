"""Boxes around specimens: how much two agree, and which of many to keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, from the upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def overlap(self, other: "Box") -> float:
        """The area that both cover."""
        width = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        height = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)


def iou(one: Box, other: Box) -> float:
    """Intersection over union, 0..1. Two boxes without area agree on nothing: 0."""
    both = one.overlap(other)
    either = one.area + other.area - both
    return both / either if either > 0.0 else 0.0


def suppress(
    boxes: Sequence[Box], scores: Sequence[float], most: float, inside: float = 1.0
) -> list[int]:
    """Non-maximum suppression: indices of the boxes to keep, the best score first.

    A box goes where one with a better score (of equals, the earlier) agrees with it by an IoU of
    more than `most`, or where more than the share `inside` of the smaller is in the other.
    """
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda index: -scores[index]):
        overlaps = ((boxes[index], boxes[other]) for other in kept)
        if all(iou(*two) <= most and containment(*two) <= inside for two in overlaps):
            kept.append(index)
    return kept


def containment(one: Box, other: Box) -> float:
    """The share of the smaller box that the other covers, 0..1: a part is inside its whole."""
    smaller = min(one.area, other.area)
    return one.overlap(other) / smaller if smaller > 0.0 else 0.0


def around(mask: npt.NDArray[np.bool_], pixels: float) -> list[Box]:
    """Boxes around the 8-connected parts of a mask (h, w) whose values are `pixels` apart.

    Row by row, each run of set values is joined with those that it touches in the row above.
    """
    runs: list[tuple[int, int, int]] = []  # row, first column, column after the last
    part: list[int] = []  # of each run: an earlier run of its part, or itself
    above = range(0)
    for row, values in enumerate(mask):
        edges = np.flatnonzero(np.diff(values, prepend=False, append=False)).tolist()
        begun = len(runs)
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            part.append(len(runs))
            runs.append((row, first, end))
            for other in above:
                if runs[other][1] <= end and first <= runs[other][2]:
                    roots = root(part, other), root(part, len(runs) - 1)
                    part[max(roots)] = min(roots)
        above = range(begun, len(runs))
    members: dict[int, list[tuple[int, int, int]]] = {}
    for index, run in enumerate(runs):
        members.setdefault(root(part, index), []).append(run)
    found = []
    for rows, firsts, ends in (zip(*each, strict=True) for each in members.values()):
        left, top = min(firsts), rows[0]
        width, height = max(ends) - left, rows[-1] + 1 - top
        found.append(Box(left * pixels, top * pixels, width * pixels, height * pixels))
    return found


def root(part: Sequence[int], index: int) -> int:
    """The first run of the part that a run belongs to."""
    while part[index] != index:
        index = part[index]
    return index


def grown(box: Box, margin: float) -> Box:
    """With a margin of its longer side on each side."""
    more = margin * max(box.width, box.height)
    return Box(box.left - more, box.top - more, box.width + 2 * more, box.height + 2 * more)


def moves(box: Box, step: float) -> Iterator[Box]:
    """The box with one of its edges moved outwards or inwards."""
    for more in (-step, step):
        yield Box(box.left + more, box.top, box.width - more, box.height)
        yield Box(box.left, box.top + more, box.width, box.height - more)
        yield Box(box.left, box.top, box.width + more, box.height)
        yield Box(box.left, box.top, box.width, box.height + more)


def cropped(photograph: Image.Image, box: Box) -> tuple[Image.Image, Box]:
    """What of a box is in the photograph, in whole pixels; with that box."""
    left, top = max(0, round(box.left)), max(0, round(box.top))
    right = min(photograph.width, round(box.left + box.width))
    bottom = min(photograph.height, round(box.top + box.height))
    return photograph.crop((left, top, right, bottom)), Box(left, top, right - left, bottom - top)
