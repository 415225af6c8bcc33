"""The painter's loop, from coarse to fine, as a generator of steps."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.nn import functional as F

from models.backbones import Backbone
from models.checkpoints import Checkpoints, Keeper
from models.devices import use_threads
from models.images import fit
from models.memory import give_back
from models.style.adam import Adam
from models.style.canvas import Canvas, at_scale
from models.style.commission import Commission
from models.style.history import pairs_kept
from models.style.lbfgs import LBFGS
from models.style.manner import Album
from models.style.objective import Objective, remember
from models.style.options import PaintOptions
from models.style.pyramid import Scale, scales
from models.style.recipe import Recipe
from models.style.regions import Region, everywhere, under_masks
from models.style.search import Losses, Optimiser, Search
from models.style.sight import Sight
from models.style.standing import Standing, key_of
from models.tensors import to_picture, to_pixels

FIRST_STEP = 0.02  # root mean square, of a pixel's range
NOISE = 0.1  # standard deviation, of a pixel's range, at strength 1
BLEND = 0.5  # how much noise a blend begins with
SAVING = 0.02  # the most of the time that checkpoints may take


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
    losses: Losses
    """content, style, smoothness and total: see `objective`."""
    render: Callable[[], torch.Tensor]

    def picture(self) -> Image.Image:
        return to_picture(self.render())

    def pixels(self) -> npt.NDArray[np.float32]:
        """What `picture` shows before it is rounded: (height, width, 3), 0..1, sRGB."""
        return to_pixels(self.render())


def paint(
    network: Backbone,
    recipe: Recipe,
    device: torch.device,
    commission: Commission,
    album: Album,
    whole: int,
    checkpoints: Checkpoints | None = None,
) -> Generator[Step, None, None]:
    """Paint; yields after every evaluation of the loss.

    The last step has fraction 1.0, and its picture is the painting. `whole`: see `Sight`.
    With `checkpoints` it goes on where another process was, and saves where it is by itself.
    """
    options = commission.options
    taps = list({**recipe.style, **recipe.content})
    sight = Sight(network, taps, recipe.margin, whole)
    plan = scales(
        *commission.photograph.size, options.steps or recipe.evaluations, recipe.decay,
        options.scales or recipe.scales,
    )  # fmt: skip
    steps = sum(scale.evaluations for scale in plan)
    keeper = Keeper(checkpoints, SAVING)
    standing = Standing()
    if checkpoints is not None:
        standing = Standing.of(keeper.load(key_of(network, recipe, device, commission)), device)
    while standing.scale <= len(plan):
        number, scale, spent = standing.scale, plan[standing.scale - 1], standing.spent
        use_threads(device, most=1 if scale.pixels < recipe.one_thread_below else None)
        canvas = Canvas.of(commission, scale, device)
        objective = _objective(sight, recipe, commission, canvas, album)
        evaluate, optimiser = canvas.within_masks(objective.evaluate), _optimiser(recipe, canvas)
        start = _start(recipe, commission, plan, canvas, standing)
        search = Search(evaluate, optimiser, start, scale.evaluations)
        if standing.search is not None:
            search.restore(standing.search)
        del start
        standing = Standing()  # a large picture is held no more often than needed
        give_back()
        for painted, losses in search:
            spent += 1
            if search.over:
                standing = Standing(number + 1, spent, painted=painted)
            else:
                standing = Standing(number, spent, search=search.state())
            fraction = fraction_of(plan, standing)
            if keeper.due() and fraction < 1.0:
                keeper.save(fraction, standing.state())
            yield Step(
                spent, steps, fraction, scale.width, scale.height, number, len(plan), losses,
                canvas.renderer(painted),
            )  # fmt: skip


def fraction_of(plan: Sequence[Scale], standing: Standing) -> float:
    """Of the work, 0..1, weighted by what an evaluation costs."""
    work = [scale.pixels * scale.evaluations for scale in plan]
    done = sum(work[: standing.scale - 1])
    if standing.search is not None:
        done += plan[standing.scale - 1].pixels * standing.search["tried"]
    return done / sum(work)


def _optimiser(recipe: Recipe, canvas: Canvas) -> Optimiser:
    if canvas.options.optimizer == "adam":
        return Adam(FIRST_STEP)
    history = pairs_kept(canvas.content.numel())
    return LBFGS(FIRST_STEP, history, canvas.preconditioner(recipe.coarse))


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
    recipe: Recipe, commission: Commission, plan: Sequence[Scale], canvas: Canvas,
    standing: Standing,
) -> torch.Tensor:  # fmt: skip
    """Where a scale begins: the first at photograph or noise, the others at the coarser painting.

    The photograph's own fine detail, which the coarser scale could not hold, is put back as far
    as content counts. A scale that was begun goes on where it was left.
    """
    content, options = canvas.content, canvas.options
    if standing.search is not None:
        left: torch.Tensor = standing.search["x"]
        return left
    if standing.painted is None:
        return canvas.bounded(_first(recipe, content, options))
    size = content.shape[2:]
    coarser = at_scale(commission.content, plan[standing.scale - 2], content.device)
    enlarged, blurred = (
        F.interpolate(x, size, mode="bicubic", align_corners=False)
        for x in (standing.painted, coarser)
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
