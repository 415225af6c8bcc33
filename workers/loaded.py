"""Painters kept warm on the device. Loads torch: only a pool's child may import this."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

import torch
from PIL import Image

from models.devices import pick_device
from models.style.options import PaintOptions
from models.style.painters import Painter, load_painter
from models.weights import Weights
from workers.workshop import workshop

log = logging.getLogger(__name__)

KEPT = 2
PRELOADED = "light"


@lru_cache(maxsize=1)
def device() -> torch.device:
    return pick_device(workshop().settings.device)


class Painters:
    """The painters used last, the latest at the end."""

    def __init__(self) -> None:
        self.warm: dict[str, Painter] = {}

    def get(self, name: str, on_progress: Callable[[str, int, int], None] | None = None) -> Painter:
        """The painter called `name`; `on_progress` hears of a download: file, bytes, bytes in all.

        Raises `WeightsMissing`, `WeightsDamaged`, `DeviceUnavailable`.
        """
        painter = self.warm.pop(name, None) or self._load(name, on_progress)
        self.warm[name] = painter
        while len(self.warm) > KEPT:
            del self.warm[next(iter(self.warm))]
        return painter

    def _load(self, name: str, on_progress: Callable[[str, int, int], None] | None) -> Painter:
        started = time.monotonic()
        settings = workshop().settings
        weights = Weights(settings.weights, settings.data / "weights", on_progress)
        painter = load_painter(name, device(), weights)
        seconds = round(time.monotonic() - started, 2)
        log.info("painter loaded", extra={"painter": name, "seconds": seconds})
        return painter


painters = Painters()


def preload() -> None:
    """Load the usual painter before the first job, and let it look once: kernels are chosen then.

    What goes wrong here, that job will tell.
    """
    try:
        blank = Image.new("RGB", (64, 64), "grey")
        for _ in painters.get(PRELOADED).paint(blank, [blank], PaintOptions(size=64, steps=2)):
            pass
    except Exception:
        log.exception("the painter could not be loaded ahead")
