"""Networks in sections, so that large pictures can be looked at tile by tile without an error.

A section is a stretch of layers. Every cell that it computes depends on its input only as far as
its reach: a tile that sees so much more on each side computes its own cells exactly. Networks are
cut where activations are small, because reach grows with depth: two short sections waste less on
margins than a long one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import ceil

import torch

Activations = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Section:
    """A stretch of a network. Lengths are in cells of its input, which for the first are pixels."""

    run: Callable[[torch.Tensor, Collection[str]], tuple[Activations, torch.Tensor]]
    """Activations at the wanted taps, and the output; nothing deeper than the last tap must run
    in the last section that is looked at."""
    strides: Mapping[str, int]
    """How far apart the cells of each tap are, in the order in which taps are computed."""
    stride: int
    """How far apart the cells of the output are."""
    reach: int
    """How far away an input cell can be and still matter."""
    tile: int
    """Side of a tile that fits memory; an eighth more does, too."""

    @property
    def step(self) -> int:
        """The coarsest stride, of which all others are divisors: tiles begin on its grid."""
        return max(self.stride, *self.strides.values())

    @property
    def halo(self) -> int:
        """The reach as a multiple of every stride."""
        return -(-self.reach // self.step) * self.step

    def cuts(self, side: int) -> list[slice]:
        """A side of the input in equal lengths, as few as fit memory; the last may be shorter."""
        count = max(1, ceil(side / self.tile - 1 / 8))
        length = ceil(side / count / self.step) * self.step
        return [slice(start, min(start + length, side)) for start in range(0, side, length)]


def reach_of(layers: Iterable[tuple[int, int]]) -> int:
    """How far layers reach, given as (kernel, stride)."""
    reach, jump = 0, 1
    for kernel, stride in layers:
        reach += (kernel - 1) // 2 * jump
        jump *= stride
    return reach


def run_through(
    sections: Iterable[Section], x: torch.Tensor, wanted: Collection[str]
) -> Activations:
    """Activations at `wanted` taps of a whole input, untiled; nothing deeper runs."""
    found: Activations = {}
    for section in sections:
        here, x = section.run(x, wanted)
        found |= here
        if len(found) == len(wanted):
            break
    return found
