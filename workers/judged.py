"""Photographs that a model was measured with: kept small with its training, for its owner alone.

They lie with the job and not with the model, which is given away, and go when the job goes. All
that were mistaken come first, then some of each class that were named rightly.
"""

import io
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice

from models.images import PictureError, open_picture, resize
from models.training.verdicts import Verdict, worth_showing
from workers.artifacts import ArtifactMissing, ArtifactStore

MOST = 600
"""Photographs that are kept of one training."""
LARGEST = 6_000_000
"""Bytes that all of them may take."""
RIGHT = 6
"""Of one class, those kept that were named rightly."""
SIDE = 200
"""Pixels of the longer side."""
QUALITY = 62
MEDIA_TYPE = "image/webp"
THREADS = 4


@dataclass(frozen=True)
class Judged:
    """One photograph, what it shows, and what was made of it."""

    number: int
    """By which its picture is found."""
    truth: str
    answers: tuple[tuple[str, float], ...]
    """Labels and their probabilities, 0..1, the most probable first."""
    width: int
    height: int
    """Pixels of the picture."""

    @property
    def named(self) -> str:
        return self.answers[0][0]

    @property
    def confidence(self) -> float:
        return self.answers[0][1]

    @property
    def right(self) -> bool:
        return self.named == self.truth


def keep(store: ArtifactStore, id: str, found: Iterable[Verdict]) -> int:
    """Keep those worth showing as pictures of pixels alone; how many that were.

    The list is written last: what it names is there. A photograph that is not at hand any more, as
    when only its features are known, is left out. Raises `StoreFull`.
    """
    kept: list[Judged] = []
    room = LARGEST
    for verdict, picture in pictures(islice(worth_showing(found, RIGHT), MOST)):
        room -= len(picture.data)
        if room < 0:
            break
        answers = tuple((label, round(share, 4)) for label, share in verdict.answers)
        truth, size = verdict.example.label, (picture.width, picture.height)
        kept.append(Judged(len(kept) + 1, truth, answers, *size))
        store.write(picture_of(id, len(kept)), picture.data, durable=False)
    if kept:
        store.write(list_of(id), json.dumps([asdict(each) for each in kept]).encode())
    return len(kept)


def read(store: ArtifactStore, id: str) -> list[Judged]:
    """Those of a training, in the order in which they were chosen; none where none were kept."""
    with suppress(ArtifactMissing):
        return [
            Judged(**each | {"answers": tuple(map(tuple, each["answers"]))})
            for each in json.loads(store.read(list_of(id)))
        ]
    return []


def picture_of(id: str, number: int) -> str:
    """The key of a photograph's picture."""
    return f"jobs/{id}/judged/{number:04}.webp"


def list_of(id: str) -> str:
    return f"jobs/{id}/judged/list.json"


@dataclass(frozen=True)
class Picture:
    data: bytes
    width: int
    height: int


def pictures(chosen: Iterable[Verdict]) -> Iterator[tuple[Verdict, Picture]]:
    """Each with its picture, few in memory at a time; without those that cannot be read."""
    waiting = iter(chosen)
    with ThreadPoolExecutor(THREADS) as pool:
        while some := list(islice(waiting, 4 * THREADS)):
            for verdict, picture in zip(some, pool.map(small, some), strict=True):
                if picture is not None:
                    yield verdict, picture


def small(verdict: Verdict) -> Picture | None:
    if verdict.example.path is None:
        return None
    try:
        picture = open_picture(verdict.example.path, longer_side=SIDE)
    except (PictureError, OSError):
        return None
    scale = min(1.0, SIDE / max(picture.size))
    picture = resize(picture, *(max(1, round(scale * side)) for side in picture.size))
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY)
    return Picture(file.getvalue(), *picture.size)
