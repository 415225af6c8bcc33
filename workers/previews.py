"""What is shown of a painting while it is made: progress and pictures, often enough and cheaply.

About once a second, and at most 5 % of the time: a preview that cost 60 ms is followed by
1.2 s without one. Of a painting so large that even this is too rare, progress goes on alone.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from PIL import Image

from workers.artifacts import ArtifactsDown, ArtifactStore, StoreFull
from workers.attempts import Attempt
from workers.jobs import Progress

EVERY_SECONDS = 0.9  # a step that takes a little longer than the one before still makes a second
LARGEST_SHARE = 0.05
LONGER_SIDE = 512
QUALITY = 85


@dataclass
class Previews:
    """Decides when to show, shows, and keeps account of what it cost."""

    attempt: Attempt
    store: ArtifactStore
    clock: Callable[[], float] = time.monotonic
    count: int = 0
    seconds: float = 0.0
    _told: float = -1e9
    _shown: float = -1e9
    _costs: deque[float] = field(default_factory=lambda: deque(maxlen=3))
    _before: float = field(init=False)
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self._before = self.clock()

    def follow(self, progress: Progress, picture: Callable[[], Image.Image]) -> None:
        """Called at each step; tells the ledger when it is time. Raises as `Attempt.progress`."""
        self.attempt.check()
        now = self.clock()
        step, self._before = now - self._before, now
        if self._due(now + step, self._shown) and now - self._shown >= self._pause():
            self._show(progress, picture, now)
        elif self._due(now + step, self._told):
            self.attempt.progress(progress)
            self._told = now

    def account(self) -> dict[str, Any]:
        """How many previews, what they took (s), and their share of the time (0 to 1)."""
        share = self.seconds / max(self.clock() - self._started, 1e-9)
        return {
            "previews": self.count,
            "preview_seconds": round(self.seconds, 3),
            "preview_share": round(share, 4),
        }

    def _due(self, next_step: float, last: float) -> bool:
        """Whether waiting for another step would be too long."""
        return next_step - last > EVERY_SECONDS

    def _pause(self) -> float:
        """Seconds without a picture that pay for one. Of the last three the cheapest counts:

        one that took long because the machine was busy would silence the next seconds for nothing.
        """
        return min(self._costs, default=0.0) / LARGEST_SHARE

    def _show(self, progress: Progress, picture: Callable[[], Image.Image], now: float) -> None:
        image = picture()
        image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
        key = f"{self.attempt.folder}/preview.jpg"
        try:
            self.store.write(key, jpeg(image), durable=False)
        except (StoreFull, ArtifactsDown):  # perhaps not any more when the painting is done
            self.attempt.progress(progress)
            self._told = self._shown = now
            return
        self.count += 1
        shown = {
            "key": key, "width": image.width, "height": image.height,
            "version": self.attempt.number * 1_000_000 + self.count,
        }  # fmt: skip
        self.attempt.progress(progress, shown)
        self._costs.append(self.clock() - now)
        self.seconds += self._costs[-1]
        self._told = self._shown = now


def jpeg(image: Image.Image) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        image.save(file, "JPEG", quality=QUALITY)

    return write
