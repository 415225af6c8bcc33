"""The painter's loop, from coarse to fine, as a generator of steps."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.nn import functional as F

from models.backbones import Backbone
from models.devices import use_threads
from models.images import fit, resize
from models.memory import give_back
from models.style import adam, lbfgs
from models.style.colours import dressed, grey, recoloured
from models.style.manner import Album
from models.style.objective import Objective, remember
from models.style.options import PaintOptions
from models.style.preconditioner import preconditioned
from models.style.pyramid import Scale, scales
from models.style.recipe import Recipe
from models.style.regions import Region, everywhere, under_masks
from models.style.sight import Sight
from models.tensors import to_picture, to_pixels, to_tensor

FIRST_STEP = 0.02  # root mean square, of a pixel's range
NOISE = 0.1  # standard deviation, of a pixel's range, at strength 1
BLEND = 0.5  # how much noise a blend begins with
PATIENCE = 8  # evaluations without progress after which a scale has converged
PROGRESS = 1e-3  # what counts as progress, relative to the loss
Evaluate = Callable[[torch.Tensor], tuple[dict[str, float], torch.Tensor]]


@dataclass(frozen=True)
class Step:
    """One evaluation. What is painted so far is rendered when asked for; ask before the next."""

    step: int
    steps: int
    """At most: a scale that has converged ends early."""
    fraction: float
    """Of the work, 0..1, weighted by what a step costs."""
    width: int
    height: int
    scale: int
    scales: int
    losses: dict[str, float]
    """content, style, smoothness and total: see `objective`."""
    render: Callable[[], torch.Tensor]

    def picture(self) -> Image.Image:
        return to_picture(self.render())

    def pixels(self) -> npt.NDArray[np.float32]:
        """What `picture` shows before it is rounded: (height, width, 3), 0..1, sRGB."""
        return to_pixels(self.render())


@dataclass(frozen=True)
class Commission:
    """What a painting is made of, at its final size."""

    photograph: Image.Image
    content: Image.Image
    """The photograph as the network sees it: grey where only light is painted."""
    styles: Sequence[Image.Image]
    masks: Sequence[Image.Image]
    options: PaintOptions

    @classmethod
    def of(
        cls, content: Image.Image, styles: Sequence[Image.Image], masks: Sequence[Image.Image],
        options: PaintOptions,
    ) -> "Commission":  # fmt: skip
        """Raises `ValueError` without a style and for masks that are not one a style."""
        if not styles:
            raise ValueError("A painting needs at least one style.")
        if masks and len(masks) != len(styles):
            raise ValueError(f"Masks must be one a style: {len(styles)}, not {len(masks)}.")
        options.weights_of(len(styles))
        photograph = fit(content, options.size)
        worn = [dressed(style, photograph, options.colours) for style in styles]
        shown = grey(photograph) if options.colours == "photograph" else photograph
        return cls(photograph, shown, worn, [mask.convert("L") for mask in masks], options)


def paint(
    network: Backbone,
    recipe: Recipe,
    device: torch.device,
    commission: Commission,
    album: Album,
    whole: int,
) -> Generator[Step, None, None]:
    """Paint; yields after every evaluation of the loss.

    The last step has fraction 1.0, and its picture is the painting. `whole`: see `Sight`.
    """
    options = commission.options
    taps = list({**recipe.style, **recipe.content})
    sight = Sight(network, taps, recipe.margin, whole)
    plan = scales(
        *commission.photograph.size, options.steps or recipe.evaluations, recipe.decay,
        options.scales or recipe.scales,
    )  # fmt: skip
    work = sum(scale.pixels * scale.evaluations for scale in plan)
    steps = sum(scale.evaluations for scale in plan)
    painted: torch.Tensor | None = None
    before: Canvas | None = None
    done = spent = 0
    for number, scale in enumerate(plan, 1):
        use_threads(device, most=1 if scale.pixels < recipe.one_thread_below else None)
        canvas = Canvas.of(commission, scale, device)
        objective = _objective(sight, recipe, commission, canvas, album)
        painted = _start(recipe, canvas, painted, before, options)
        before = None  # a large picture is held no more often than needed
        give_back()
        convergence = Convergence()
        evaluate = canvas.within_masks(objective.evaluate)
        task = evaluate, painted, scale.evaluations, FIRST_STEP
        if options.optimizer == "adam":
            search = adam.minimise(*task)
        else:
            search = lbfgs.minimise(*task, canvas.preconditioner(recipe.coarse))
        for tried, (painted, losses) in enumerate(search, 1):
            last = tried == scale.evaluations or convergence.reached(losses["total"])
            fraction = (done + scale.pixels * (scale.evaluations if last else tried)) / work
            spent += 1
            yield Step(
                spent, steps, fraction, scale.width, scale.height, number, len(plan), losses,
                canvas.renderer(painted),
            )  # fmt: skip
            if last:
                break
        done += scale.pixels * scale.evaluations
        before = canvas


@dataclass(frozen=True)
class Canvas:
    """Photograph and masks at one scale, as tensors (1, C, height, width) in 0..1."""

    photograph: torch.Tensor
    content: torch.Tensor
    masks: list[torch.Tensor]
    options: PaintOptions
    scale: Scale

    @classmethod
    def of(cls, commission: Commission, scale: Scale, device: torch.device) -> "Canvas":
        def at_scale(picture: Image.Image) -> torch.Tensor:
            return to_tensor(resize(picture, scale.width, scale.height), device)

        photograph = at_scale(commission.photograph)
        same = commission.content is commission.photograph
        return cls(
            photograph,
            photograph if same else at_scale(commission.content),
            [at_scale(mask)[:, :1] for mask in commission.masks],
            commission.options,
            scale,
        )

    @property
    def paintable(self) -> torch.Tensor | None:
        """How much of each pixel may be painted (1, 1, H, W); None: all of all."""
        return torch.stack(self.masks).sum(0).clamp(max=1.0) if self.masks else None

    def within_masks(self, evaluate: Evaluate) -> Evaluate:
        """`evaluate` with a gradient that is 0 where no mask is: there the photograph stays."""
        paintable = self.paintable
        if paintable is None:
            return evaluate

        def evaluated(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
            losses, gradient = evaluate(x)
            return losses, gradient * paintable

        return evaluated

    def preconditioner(self, coarse: Sequence[float]) -> Callable[[torch.Tensor], torch.Tensor]:
        """`preconditioned`, kept from leading beyond the masks."""
        paintable = self.paintable
        if paintable is None or not coarse:
            return lambda gradient: preconditioned(gradient, coarse)
        return lambda gradient: paintable * preconditioned(paintable * gradient, coarse)

    def bounded(self, x: torch.Tensor) -> torch.Tensor:
        """`x` where a mask is, the photograph elsewhere."""
        paintable = self.paintable
        return x if paintable is None else self.content + paintable * (x - self.content)

    def renderer(self, x: torch.Tensor) -> Callable[[], torch.Tensor]:
        """What is to be seen of `x`, made when it is asked for."""
        if self.options.colours == "photograph":
            return lambda: recoloured(x, self.photograph)
        return lambda: x


class Convergence:
    """Tells when the loss no longer falls."""

    def __init__(self) -> None:
        self.best = float("inf")
        self.since = 0

    def reached(self, loss: float) -> bool:
        if loss < self.best * (1.0 - PROGRESS):
            self.best, self.since = loss, 0
        else:
            self.since += 1
        return self.since >= PATIENCE


def _objective(
    sight: Sight, recipe: Recipe, commission: Commission, canvas: Canvas, album: Album
) -> Objective:
    """What the network makes of photograph and styles at this scale."""
    options = commission.options
    longer = max(canvas.scale.width, canvas.scale.height) * options.style_scale
    looking = replace(sight, taps=list(recipe.style))
    manners = [album.manner(looking, _at_most(style, longer)) for style in commission.styles]
    weights = options.weights_of(len(manners))
    about_mean = not recipe.letter
    regions: Sequence[Region]
    if canvas.masks:
        grids = {tap: sight.grid_of(tap, canvas.content) for tap in recipe.style}
        regions = under_masks(manners, weights, canvas.masks, grids, about_mean)
    else:
        regions = [everywhere(manners, weights, list(recipe.style), about_mean)]
    kept = remember(sight, canvas.content, recipe.content)
    return Objective(sight, recipe, options, canvas.content, kept, regions)


def _at_most(style: Image.Image, longer: float) -> Image.Image:
    """The style with its longer side as the painting's, never enlarged: strokes keep their share.

    By the longer side alone, so that photographs of other shapes share what is studied.
    """
    return fit(style, max(16, round(longer))) if longer < max(style.size) else style


def _start(
    recipe: Recipe,
    canvas: Canvas,
    painted: torch.Tensor | None,
    before: Canvas | None,
    options: PaintOptions,
) -> torch.Tensor:
    """Where a scale begins: the first at photograph or noise, the others at the coarser painting.

    The photograph's own fine detail, which the coarser scale could not hold, is put back as far
    as content counts.
    """
    content = canvas.content
    if painted is None or before is None:
        return canvas.bounded(_first(recipe, content, options))
    size = content.shape[2:]
    enlarged, blurred = (
        F.interpolate(x, size, mode="bicubic", align_corners=False)
        for x in (painted, before.content)
    )
    return canvas.bounded(enlarged + (content - blurred) * (1.0 - options.strength))


def _first(recipe: Recipe, content: torch.Tensor, options: PaintOptions) -> torch.Tensor:
    generator = torch.Generator().manual_seed(options.seed)
    start = recipe.start if options.start == "auto" else options.start
    if start == "photograph":
        noise = torch.randn(content.shape, generator=generator).to(content.device)
        return content + noise * (NOISE * options.strength)
    noise = torch.rand(content.shape, generator=generator).to(content.device)
    return noise if start == "noise" else torch.lerp(content, noise, BLEND)
