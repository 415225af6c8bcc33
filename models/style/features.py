"""What the network saw in the two pictures: the targets that a painting is drawn towards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from models.backbones import Backbone
from models.style.colours import to_opponent
from models.style.losses import gram

COLOUR = "colour"
"""A tap of our own: the pixels themselves, in opponent colours. Its Gram is the palette."""

Activations = dict[str, torch.Tensor]


def look(network: Backbone, picture: torch.Tensor, wanted: Sequence[str]) -> Activations:
    """Activations at the taps in `wanted` of a picture (1, 3, H, W) in 0..1."""
    seen: Activations = network(
        picture.contiguous(memory_format=torch.channels_last),
        [tap for tap in wanted if tap != COLOUR],
    )
    if COLOUR in wanted:
        seen[COLOUR] = to_opponent(picture)
    return seen


@dataclass(frozen=True)
class Targets:
    """For one scale: content activations, and for each style tap a centre and a Gram matrix."""

    content: Activations
    style: Mapping[str, tuple[torch.Tensor, torch.Tensor]]


@torch.no_grad()
def targets(
    network: Backbone,
    content: torch.Tensor,
    styles: Sequence[torch.Tensor],
    content_taps: Sequence[str],
    style_taps: Sequence[str],
) -> Targets:
    """Look once at content and styles; several styles mix in equal parts.

    Grams are taken about the styles' mean activation, so that a match of Grams is a match of
    means and covariances, and large means do not drown the covariances.
    """
    seen = [look(network, style, style_taps) for style in styles]
    wanted = {}
    for tap in style_taps:
        centre = torch.stack([each[tap].mean((2, 3), keepdim=True) for each in seen]).mean(0)
        matrix = torch.stack([gram(each[tap], centre) for each in seen]).mean(0)
        wanted[tap] = (centre, matrix)
    return Targets(look(network, content, content_taps), wanted)
