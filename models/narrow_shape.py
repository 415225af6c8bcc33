"""How narrow a network is. Imports no torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """How wide each block is, and how many convolutions it has. The last tap is VGG's relu4_2."""

    widths: tuple[int, ...] = (16, 32, 96, 192)
    depths: tuple[int, ...] = (2, 2, 3, 2)
