"""Networks kept warm on the device. Loads torch: only a pool's child may import this."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from threading import Lock
from typing import Generic, TypeVar

import torch
from PIL import Image

from models.devices import pick_device, use_threads
from models.species.answers import Seen
from models.species.classifier import Classifier, load_classifier
from models.species.heatmaps import heatmap, overlay
from models.species.registry import DEFAULT, Registry
from models.species.specimens import Specimen, specimens
from models.species.taxonomy import Taxon
from models.style.options import PaintOptions
from models.style.painters import Painter, load_painter
from models.weights import Weights
from workers.counters import count
from workers.shared_models import open_registry
from workers.together import Together
from workers.workshop import workshop

log = logging.getLogger(__name__)

Network = TypeVar("Network")
Result = TypeVar("Result")
OnProgress = Callable[[str, int, int], None]
"""Hears of a download: file, bytes, bytes in all."""
PAINTERS_KEPT = 2
MODELS_KEPT = 8
PRELOADED = PaintOptions().painter
_device_thread = ThreadPoolExecutor(1, "device")


@lru_cache(maxsize=1)
def device() -> torch.device:
    return pick_device(workshop().settings.device)


class Warm(Generic[Network]):
    """The networks used last, the latest at the end; `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: dict[str, Network] = {}
        self._door = Lock()

    def get(self, name: str, load: Callable[[], Network]) -> Network:
        """The one kept under `name`, else what `load` gives. Safe to call from several threads."""
        with self._door:
            network = self.kept.pop(name, None) or self._loaded(name, load)
            self.kept[name] = network
            while len(self.kept) > self.most:
                del self.kept[next(iter(self.kept))]
            return network

    def _loaded(self, name: str, load: Callable[[], Network]) -> Network:
        started = time.monotonic()
        network = load()
        seconds = round(time.monotonic() - started, 2)
        log.info("network loaded", extra={"network": name, "seconds": seconds})
        model = name.split(" ")[0]
        count(workshop().ledger.redis, f"loads {model}")
        count(workshop().ledger.redis, f"load_seconds {model}", seconds)
        return network


def on_device(work: Callable[[], Result]) -> Result:
    """What `work` gives, done in the one thread that all looks are done in.

    Each thread that computes has a team of OpenMP threads of its own to start and to warm up: a
    look from a new thread took half as long again. Its log lines name the job of whoever asked.
    """

    def with_all_cores() -> Result:
        use_threads(device())
        return work()

    return _device_thread.submit(copy_context().run, with_all_cores).result()


class Eye:
    """A species model that several threads may use: it looks once for all who wait together."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self._together = Together(self._look)

    def look(self, photographs: Sequence[Image.Image]) -> list[Seen]:
        return self._together(photographs)

    def heatmap(self, photograph: Image.Image, taxon: Taxon) -> Image.Image:
        """Where the network sees `taxon`, to be laid over the photograph."""
        heat = on_device(lambda: heatmap(self.classifier, photograph, taxon))
        return overlay(heat, *photograph.size)

    def specimens(self, photograph: Image.Image, top_k: int) -> list[Specimen]:
        return on_device(lambda: specimens(self.classifier, photograph, top_k))

    def _look(self, photographs: Sequence[Image.Image]) -> list[Seen]:
        return on_device(lambda: self.classifier.look(photographs))


painters: Warm[Painter] = Warm(PAINTERS_KEPT)
eyes: Warm[Eye] = Warm(MODELS_KEPT)


@lru_cache(maxsize=1)
def registry() -> Registry:
    return open_registry(workshop().settings, workshop().store)


def painter(name: str, on_progress: OnProgress | None = None) -> Painter:
    """The painter called `name`, warm or loaded now.

    Raises `WeightsMissing`, `WeightsDamaged`, `DeviceUnavailable`.
    """
    settings = workshop().settings
    weights = Weights(settings.weights, settings.data / "weights", on_progress)
    return painters.get(name, lambda: load_painter(name, device(), weights))


def eye(name: str) -> Eye:
    """The species model called `name`, warm or loaded now; anew where its files changed.

    Raises `UnknownModel`, `CardInvalid`, `DeviceUnavailable`.
    """
    model = registry().get(name)
    # The registry reads a card anew only where it changed; the kept eye keeps its own card alive.
    return eyes.get(f"{name} {id(model.card)}", lambda: Eye(load_classifier(model, device())))


def preload() -> None:
    """Load what is used most before the first job, and look once: kernels are chosen then.

    What goes wrong here, that job will tell.
    """
    blank = Image.new("RGB", (64, 64), "grey")
    try:
        usual = eye(DEFAULT)
        usual.look([blank])
        usual.heatmap(blank, usual.classifier.card.taxa[0])
        for _ in painter(PRELOADED).paint(blank, [blank], PaintOptions(size=64, steps=2)):
            pass
    except Exception:
        log.exception("the networks could not be loaded ahead")
