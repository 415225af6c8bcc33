"""Photographs that a model was measured with: kept small with its training, for its owner alone.

They lie with the job and not with the model, which is given away, and go when the job goes. All
that were mistaken come first, then some of each class that were named rightly.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice

from models.training.verdicts import Verdict, worth_showing
from workers.artifacts import ArtifactMissing, ArtifactStore
from workers.thumbnails import thumbnails

MOST = 600
"""Photographs that are kept of one training."""
LARGEST = 6_000_000
"""Bytes that all of them may take."""
RIGHT = 6
"""Of one class, those kept that were named rightly."""


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
    chosen = list(islice(worth_showing(found, RIGHT), MOST))
    room = LARGEST
    pictures = thumbnails(verdict.example.path for verdict in chosen)
    for verdict, picture in zip(chosen, pictures, strict=False):
        if picture is None:
            continue
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
