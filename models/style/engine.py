"""The painter's loop, from coarse to fine, as a generator of steps."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from PIL import Image
from torch.nn import functional as F

from models.backbones import Backbone
from models.devices import use_threads
from models.images import fit, resize
from models.style.lbfgs import minimise
from models.style.objective import Objective, targets
from models.style.options import PaintOptions
from models.style.pyramid import Scale, scales
from models.style.recipe import Recipe
from models.tensors import to_picture, to_tensor

FIRST_STEP = 0.02  # root mean square, of a pixel's range
NOISE = 0.1  # standard deviation, of a pixel's range, at strength 1


@dataclass(frozen=True)
class Step:
    """One evaluation. `picture()` renders what is painted so far; ask before the next step."""

    step: int
    steps: int
    fraction: float
    """Of the work, 0..1, weighted by what a step costs."""
    width: int
    height: int
    scale: int
    scales: int
    losses: dict[str, float]
    """content, style, smoothness and total: see `objective`."""
    picture: Callable[[], Image.Image]


def paint(
    network: Backbone,
    recipe: Recipe,
    device: torch.device,
    content: Image.Image,
    styles: Sequence[Image.Image],
    options: PaintOptions,
) -> Generator[Step, None, None]:
    """Paint `content` in the manner of `styles`; yields after every evaluation of the loss.

    The last step has fraction 1.0, and its picture is the painting. Raises `ValueError` without
    a style.
    """
    if not styles:
        raise ValueError("A painting needs at least one style.")
    content = fit(content, options.size)
    plan = scales(content.width, content.height, recipe.evaluations, recipe.decay)
    work = sum(scale.pixels * scale.evaluations for scale in plan)
    steps = sum(scale.evaluations for scale in plan)
    done = step = 0
    x: torch.Tensor | None = None
    photograph: torch.Tensor | None = None
    for number, scale in enumerate(plan, 1):
        use_threads(device, most=1 if scale.pixels < recipe.one_thread_below else None)
        coarser, photograph = photograph, _at(content, scale, device)
        seen = [to_tensor(_like(style, scale.pixels), device) for style in styles]
        wanted = targets(network, recipe, photograph, seen)
        objective = Objective(network, recipe, wanted, options)
        start = _start(x, coarser, photograph, options)
        for x, losses in minimise(objective.evaluate, start, scale.evaluations, FIRST_STEP):
            done, step = done + scale.pixels, step + 1
            yield Step(
                step, steps, done / work, scale.width, scale.height, number, len(plan), losses,
                partial(to_picture, x),
            )  # fmt: skip


def _at(picture: Image.Image, scale: Scale, device: torch.device) -> torch.Tensor:
    return to_tensor(resize(picture, scale.width, scale.height), device)


def _like(style: Image.Image, pixels: int) -> Image.Image:
    """The style with as many pixels as the painting, never enlarged: strokes keep their share."""
    shrink = min(1.0, (pixels / (style.width * style.height)) ** 0.5)
    return resize(style, max(1, round(style.width * shrink)), max(1, round(style.height * shrink)))


def _start(
    painted: torch.Tensor | None,
    coarser: torch.Tensor | None,
    photograph: torch.Tensor,
    options: PaintOptions,
) -> torch.Tensor:
    """Where a scale begins: at the photograph with the seed's noise, then at the coarser painting.

    The photograph's own fine detail, which the coarser scale could not hold, is put back as far
    as content counts.
    """
    if painted is None or coarser is None:
        generator = torch.Generator().manual_seed(options.seed)
        noise = torch.randn(photograph.shape, generator=generator).to(photograph.device)
        return photograph + noise * (NOISE * options.strength)
    size = photograph.shape[2:]
    enlarged, blurred = (
        F.interpolate(x, size, mode="bicubic", align_corners=False) for x in (painted, coarser)
    )
    return enlarged + (photograph - blurred) * (1.0 - options.strength)
