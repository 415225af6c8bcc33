"""What a painting will take, told before it begins. Imports no torch: pages tell it, too.

The figures were fitted to the peak resident memory of whole processes on a CPU
(`python -m benchmarks.memory`); no GPU was at hand to fit them to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from models.style.history import pairs_kept
from models.style.options import PaintOptions
from models.style.pyramid import Scale, scales
from models.style.recipes import RECIPES, evaluations

PLAIN, WITH_CUDA = 246_000_000, 660_000_000
"""Bytes of a process with torch and a picture's decoders, without and with CUDA's libraries.

With these, the same process was seen to begin with 550 MB on one day and 790 MB on another: the
system decides how much of a mapped library it counts.
"""
IMAGE = 12  # bytes of a pixel's three channels
HELD = 6  # pictures of the painting's size that are held at once, beside the optimizer's
SPARE = 2  # more of them while terms of the loss that hang on pixels are added
ADAM = 5  # pictures that Adam holds
SMALL = 300_000  # pixels up to which kernels take ever more room to work in
ROOMY = 1_100_000
"""Pixels up to which a picture is seen whole on a CPU: larger ones in tiles."""


class NotEnoughMemory(ValueError):
    """A painting that would take more memory than is allowed. The message is for people."""


@dataclass(frozen=True)
class Appetite:
    """What a network takes, in bytes."""

    network: int
    """Weights, and the statistics of a style."""
    pixel: int
    """Activations and gradients of a pixel that is seen whole."""
    kernels: int
    """The room that kernels work in, for each of the first `SMALL` pixels."""
    tile: int
    """The same for the tile that is being seen."""
    far: int
    """What is kept of a pixel that is seen in tiles."""


APPETITES = {
    "efficientnet_lite0": Appetite(90_000_000, 1385, 0, 600_000_000, 14),
    "merian": Appetite(70_000_000, 1640, 0, 600_000_000, 20),
    "vgg16": Appetite(140_000_000, 2785, 1150, 1_300_000_000, 40),
    "vgg19": Appetite(160_000_000, 3000, 1150, 1_400_000_000, 40),
}


@dataclass(frozen=True)
class Forecast:
    """Width and height in pixels, `bytes` of memory at the most."""

    width: int
    height: int
    bytes: int
    whole: int
    """Pixels up to which scales are seen whole; larger ones in tiles."""

    @property
    def gigabytes(self) -> str:
        return f"{self.bytes / 1e9:.1f}"


def forecast(
    options: PaintOptions, width: int, height: int, masks: int = 0,
    memory: int | None = None, roomy: bool = False,
) -> Forecast:  # fmt: skip
    """What painting a photograph of `width` x `height` takes, within `memory` bytes if given.

    `roomy`: scales are seen whole as far as memory lets them, as on a GPU.
    Raises `NotEnoughMemory` if even tiles take more.
    """
    recipe = RECIPES[options.painter]
    larger = options.size / max(width, height)
    width, height = (max(1, round(side * larger)) for side in (width, height))
    first = options.steps or evaluations(recipe, options.quality)
    plan = scales(width, height, first, recipe.decay, options.scales or recipe.scales)
    areas = [scale.pixels for scale in plan if roomy or scale.pixels <= ROOMY]
    for whole in [*reversed(areas), 0]:
        taken = _peak(options, plan, whole, masks)
        if memory is None or taken <= memory:
            return Forecast(width, height, taken, whole)
    assert memory is not None
    raise NotEnoughMemory(
        f"A painting of {width} x {height} px takes {taken / 1e9:.1f} GB of memory, and "
        f"{memory / 1e9:.1f} GB are allowed here. Choose a smaller size."
    )


def _peak(options: PaintOptions, plan: Sequence[Scale], whole: int, masks: int) -> int:
    recipe = RECIPES[options.painter]
    appetite = APPETITES[recipe.network]
    peak = 0
    for scale in plan:
        framed = (scale.width + 2 * recipe.margin) * (scale.height + 2 * recipe.margin)
        seen = appetite.pixel * framed + appetite.kernels * min(framed, SMALL)
        if scale.pixels > whole:
            seen = min(seen, appetite.tile + appetite.far * framed)
        pairs = min(pairs_kept(3 * scale.pixels), scale.evaluations - 2)  # two come before any
        pictures = HELD + (ADAM if options.optimizer == "adam" else 2 * pairs) + masks
        pictures += options.colours == "photograph"  # which is looked at in grey, too
        picture = IMAGE * scale.pixels
        peak = max(peak, pictures * picture + max(seen, SPARE * picture))
    return _process() + appetite.network + peak


@cache
def _process() -> int:
    """Bytes of a process that has painted nothing yet; CUDA's libraries are most of it."""
    torch = find_spec("torch")  # found, not loaded
    folders = torch.submodule_search_locations if torch else None
    with_cuda = any(Path(each, "lib", "libtorch_cuda.so").exists() for each in folders or ())
    return WITH_CUDA if with_cuda else PLAIN
