"""Painters with their weights, loaded once, and paintings with a clock beside them."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

import torch
from PIL import Image

from benchmarks.methods import Method
from benchmarks.pairs import Pair
from models.devices import pick_device
from models.images import open_picture
from models.style import search
from models.style.engine import Step
from models.style.manner import Album
from models.style.painters import Painter, load_painter
from models.weights import Weights

CACHE = Path.home() / ".cache" / "merian"


class Studio:
    """Where methods paint. Every painting begins with an empty album."""

    def __init__(
        self, weights: Path | None, device: str = "auto", precision: str | None = None
    ) -> None:
        """`weights`: a folder of painters' weights, looked into first. `precision`: float32..."""
        self.device = pick_device(device)
        self.precision = None if precision is None else getattr(torch, precision)
        self.weights = Weights(weights, CACHE)
        self.painters: dict[str, Painter] = {}

    def painter(self, method: Method) -> Painter:
        if method.painter not in self.painters:
            self.painters[method.painter] = load_painter(
                method.painter, self.device, self.weights, self.precision
            )
        painter = self.painters[method.painter]
        return replace(painter, recipe=replace(painter.recipe, **method.recipe), album=Album())

    def paint(self, method: Method, pair: Pair, size: int) -> Generator[Step, None, None]:
        """Pictures are decoded before the first step, which does all the rest."""
        photograph, style = picture(pair.content), picture(pair.style)
        painter, options = self.painter(method), method.options_for(size)

        def steps() -> Generator[Step, None, None]:
            with every_step() if method.patient else nullcontext():
                yield from painter.paint(photograph, [style], options)

        return steps()

    def whole(self, method: Method, pair: Pair, size: int) -> Step:
        """The last step of a whole painting."""
        for step in self.paint(method, pair, size):
            last = step
        return last

    def flop(self, method: Method, pair: Pair, size: int) -> int:
        """Floating point operations of a whole painting's matrix products and convolutions."""
        from benchmarks.flop import FlopCount  # large, and no part of what paints

        count = FlopCount()
        with count:
            self.whole(method, pair, size)
        return count.total

    @property
    def device_name(self) -> str:
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return self.device.type

    def now(self) -> float:
        """Seconds, when all that was asked of the device is done."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


@cache
def picture(path: Path) -> Image.Image:
    return open_picture(path)


@contextmanager
def every_step() -> Iterator[None]:
    """Paintings within do not end early because they converged."""
    usual, search.PATIENCE = search.PATIENCE, 10**9
    try:
        yield
    finally:
        search.PATIENCE = usual
