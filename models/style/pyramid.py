"""Coarse to fine: large strokes first, where a step costs little (Gatys et al. 2017)."""

from dataclasses import dataclass
from math import log2

COARSEST = 96
"""Pixels on the longer side below which a scale tells the network nothing."""


@dataclass(frozen=True)
class Scale:
    """One size of the picture, and how many times it is looked at."""

    width: int
    height: int
    evaluations: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def scales(width: int, height: int, first: float, decay: float, most: int = 0) -> tuple[Scale, ...]:
    """Scales from coarse to fine, each twice the one before, the last `width` x `height`.

    `first` is the number of evaluations at 128 px; each doubling multiplies it by `decay`. A
    coarsest scale that `most` (0: no limit) makes larger than that gets `first` all the same.
    """
    longer = max(width, height)
    halvings = 0
    while longer / 2 ** (halvings + 1) >= COARSEST and halvings + 1 != most:
        halvings += 1
    made = []
    for halving in range(halvings, -1, -1):
        shrink = 2.0**-halving
        doublings = min(halvings - halving, max(0.0, log2(longer * shrink / 128)))
        made.append(
            Scale(
                max(1, round(width * shrink)),
                max(1, round(height * shrink)),
                max(2, round(first * decay**doublings)),
            )
        )
    return tuple(made)
