"""The painter's loop: J = alpha J_content + beta J_style, from coarse to fine, as a generator."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from PIL import Image
from torch.nn import functional as F

from models.backbones import Backbone
from models.images import fit, resize
from models.style.features import Targets, look, targets
from models.style.lbfgs import LBFGS
from models.style.losses import gram, overshoot, relative_distance, roughness
from models.style.options import PaintOptions
from models.style.pyramid import Scale, scales
from models.tensors import to_picture, to_tensor

FIRST_STEP = 0.02  # of the range of a pixel
OVERSHOOT = 20.0
NOISE = 0.05


@dataclass(frozen=True)
class Recipe:
    """What one painter looks at, and how long."""

    network: str
    style: Mapping[str, float]
    """Taps whose Grams are matched, with the weight lambda of each."""
    content: Mapping[str, float]
    """Taps whose activations are kept, with the weight of each."""
    balance: float
    """Style's weight against content's at strength 0.5."""
    smoothness: float
    """Roughness' weight at smoothness 0.5."""
    chroma: float
    evaluations: int
    """At 128 px."""
    decay: float
    """What each doubling of the size multiplies the evaluations by."""


@dataclass(frozen=True)
class Step:
    """One evaluation. `picture()` renders what is painted so far; ask before the next step."""

    step: int
    steps: int
    fraction: float
    width: int
    height: int
    scale: int
    scales: int
    losses: dict[str, float]
    picture: Callable[[], Image.Image]


Losses = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Objective:
    """The loss of a picture at one scale."""

    network: Backbone
    recipe: Recipe
    wanted: Targets
    alpha: float
    beta: float
    gamma: float

    def losses(self, picture: torch.Tensor) -> Losses:
        """content, style, smoothness and total of a picture (1, 3, H, W) in 0..1."""
        recipe = self.recipe
        seen = look(self.network, picture, [*recipe.style, *recipe.content])
        content = picture.new_zeros(())
        for tap, weight in recipe.content.items():
            content = content + weight * relative_distance(seen[tap], self.wanted.content[tap])
        style = picture.new_zeros(())
        for tap, weight in recipe.style.items():
            centre, matrix = self.wanted.style[tap]
            style = style + weight * relative_distance(gram(seen[tap], centre), matrix)
        smoothness = roughness(picture, recipe.chroma)
        total = self.alpha * content + self.beta * style + self.gamma * smoothness
        total = total + OVERSHOOT * overshoot(picture)
        return {"content": content, "style": style, "smoothness": smoothness, "total": total}

    def evaluate(self, x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
        """The losses at `x` and the gradient of the total."""
        x = x.detach().requires_grad_()
        losses = self.losses(x)
        (gradient,) = torch.autograd.grad(losses["total"], x)
        return {name: loss.item() for name, loss in losses.items()}, gradient.contiguous()


def paint(
    network: Backbone,
    recipe: Recipe,
    device: torch.device,
    content: Image.Image,
    styles: Sequence[Image.Image],
    options: PaintOptions,
) -> Generator[Step, None, None]:
    """Paint `content` in the manner of `styles`; yields after every evaluation of the loss.

    The last step has fraction 1.0, and its picture is the painting.
    """
    content = fit(content, options.size)
    plan = scales(content.width, content.height, recipe.evaluations, recipe.decay)
    work = sum(scale.pixels * scale.evaluations for scale in plan)
    steps = sum(scale.evaluations for scale in plan)
    done, step = 0, 0
    x = before = None
    for number, scale in enumerate(plan, 1):
        photograph = to_tensor(resize(content, scale.width, scale.height), device)
        objective = _objective(network, recipe, photograph, styles, options)
        if x is None or before is None:
            x = photograph + _noise(photograph, options)
        else:
            x = _enlarged(x, scale) + (photograph - _enlarged(before, scale)) * (
                1 - options.strength
            )
        before = photograph
        optimiser = LBFGS(FIRST_STEP)
        for evaluation in range(scale.evaluations):
            losses, gradient = objective.evaluate(x)
            done, step = done + scale.pixels, step + 1
            yield Step(
                step, steps, done / work, scale.width, scale.height, number, len(plan), losses,
                partial(to_picture, x),
            )  # fmt: skip
            if evaluation + 1 < scale.evaluations:
                x = optimiser.advance(x, losses["total"], gradient)


def _objective(
    network: Backbone,
    recipe: Recipe,
    photograph: torch.Tensor,
    styles: Sequence[Image.Image],
    options: PaintOptions,
) -> Objective:
    pixels = photograph.shape[2] * photograph.shape[3]
    seen = [to_tensor(_like(style, pixels), photograph.device) for style in styles]
    wanted = targets(network, photograph, seen, list(recipe.content), list(recipe.style))
    strength = options.strength
    beta = recipe.balance * strength**2
    alpha = (1 - strength) ** 2
    gamma = recipe.smoothness * 2 * options.smoothness * strength
    total = alpha + beta
    return Objective(network, recipe, wanted, alpha / total, beta / total, gamma / total)


def _like(style: Image.Image, pixels: int) -> Image.Image:
    """The style with as many pixels as the painting, never enlarged: strokes keep their share."""
    shrink = min(1.0, (pixels / (style.width * style.height)) ** 0.5)
    return resize(style, max(1, round(style.width * shrink)), max(1, round(style.height * shrink)))


def _noise(photograph: torch.Tensor, options: PaintOptions) -> torch.Tensor:
    """The seed's part in the painting: a little noise to start from, as much as there is style."""
    generator = torch.Generator().manual_seed(options.seed)
    noise = torch.randn(photograph.shape, generator=generator)
    return noise.to(photograph.device) * (NOISE * options.strength)


def _enlarged(picture: torch.Tensor, scale: Scale) -> torch.Tensor:
    return F.interpolate(picture, (scale.height, scale.width), mode="bicubic", align_corners=False)
