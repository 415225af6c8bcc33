"""J = alpha J_content + beta J_style (arXiv:1508.06576, equation 7) at one scale, with its targets.

Two terms are ours: the palette belongs to style, and smoothness keeps noise and values that no
pixel can show away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import torch

from models.backbones import Backbone
from models.padding import mirror
from models.style.losses import gram, overshoot, relative_distance, roughness
from models.style.options import PaintOptions
from models.style.palette import palette_distance, palette_of
from models.style.recipe import Recipe

OVERSHOOT = 20.0
MARGIN = 16  # pixels; a multiple of the coarsest stride
FLAT = 1e-3  # of the Gram that the mean activation alone would have: no style varies less
Activations = dict[str, torch.Tensor]


def look(network: Backbone, picture: torch.Tensor, taps: Sequence[str]) -> Activations:
    """Activations at `taps` of a picture (1, 3, H, W) in 0..1.

    The network sees the picture with a mirrored margin, which is cut off its activations: what
    it makes of borders is neither learnt from a style nor painted.
    """
    framed = mirror(picture, MARGIN).contiguous(memory_format=torch.channels_last)
    seen = network(framed, taps)
    return {tap: _without_margin(x, picture, framed) for tap, x in seen.items()}


def _without_margin(x: torch.Tensor, picture: torch.Tensor, framed: torch.Tensor) -> torch.Tensor:
    stride = 2 ** round(log2(framed.shape[2] / x.shape[2]))
    height, width = (-(-side // stride) for side in picture.shape[2:])
    cells = MARGIN // stride
    return x[:, :, cells : cells + height, cells : cells + width]


@dataclass(frozen=True)
class Targets:
    """What content and styles look like to the network."""

    content: Activations
    style: Mapping[str, tuple[torch.Tensor, torch.Tensor]]
    """For each tap the styles' mean activation (1, C, 1, 1) and their Gram about it (1, C, C)."""
    palette: torch.Tensor


@torch.no_grad()
def targets(
    network: Backbone, recipe: Recipe, content: torch.Tensor, styles: Sequence[torch.Tensor]
) -> Targets:
    """Look once at content and styles, (1, 3, H, W) each; several styles mix in equal parts.

    Grams are taken about the styles' mean activation, so that matching them is matching means
    and covariances, and large means do not drown the covariances.
    """
    seen = [look(network, style, list(recipe.style)) for style in styles]
    style = {}
    for tap in recipe.style:
        centre = torch.stack([each[tap].mean((2, 3), keepdim=True) for each in seen]).mean(0)
        style[tap] = centre, torch.stack([gram(each[tap], centre) for each in seen]).mean(0)
    return Targets(look(network, content, list(recipe.content)), style, palette_of(list(styles)))


@dataclass(frozen=True)
class Objective:
    """The loss of a picture at one scale."""

    network: Backbone
    recipe: Recipe
    targets: Targets
    options: PaintOptions

    @property
    def weights(self) -> tuple[float, float, float]:
        """alpha, beta and the weight of smoothness; alpha + beta = 1."""
        strength = self.options.strength
        alpha, beta = (1.0 - strength) ** 2, self.recipe.balance * strength**2
        smoothness = self.recipe.roughness * 2.0 * self.options.smoothness
        return alpha / (alpha + beta), beta / (alpha + beta), smoothness * beta / (alpha + beta)

    def losses(self, picture: torch.Tensor) -> dict[str, torch.Tensor]:
        """content, style, smoothness and total of a picture (1, 3, H, W) in 0..1."""
        recipe, alpha_beta_gamma = self.recipe, self.weights
        seen = look(self.network, picture, list({**recipe.style, **recipe.content}))
        content = self._content(seen)
        style = self._style(seen) + recipe.palette * palette_distance(picture, self.targets.palette)
        smoothness = roughness(picture, recipe.chroma)
        terms = (content, style, smoothness)
        total = OVERSHOOT * overshoot(picture)
        for weight, term in zip(alpha_beta_gamma, terms, strict=True):
            total = total + weight * term
        return {"content": content, "style": style, "smoothness": smoothness, "total": total}

    def _content(self, seen: Activations) -> torch.Tensor:
        return _average(
            (weight, relative_distance(seen[tap], self.targets.content[tap]))
            for tap, weight in self.recipe.content.items()
        )

    def _style(self, seen: Activations) -> torch.Tensor:
        distances = []
        for tap, weight in self.recipe.style.items():
            centre, wanted = self.targets.style[tap]
            floor = FLAT * centre.square().mean().square()
            distance = relative_distance(gram(seen[tap], centre), wanted, floor)
            distances.append((weight, distance))
        return _average(distances)

    def evaluate(self, x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
        """The losses at `x` and the gradient of the total."""
        x = x.detach().requires_grad_()
        losses = self.losses(x)
        (gradient,) = torch.autograd.grad(losses["total"], x)
        return {name: loss.item() for name, loss in losses.items()}, gradient.contiguous()


def _average(weighted: Iterable[tuple[float, torch.Tensor]]) -> torch.Tensor:
    """The mean of losses by their weights: 1 stays 'as wrong as none of it' for any taps."""
    pairs = list(weighted)
    return torch.stack([weight * loss for weight, loss in pairs]).sum() / sum(
        weight for weight, _ in pairs
    )
