"""A few photographs of each class of a data set, small, for its page. They go with its job."""

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice

from models.training.dataset import Photograph
from workers.artifacts import ArtifactMissing, ArtifactStore
from workers.thumbnails import thumbnails

EACH = 4
"""Photographs of one class."""
MOST = 240
"""Photographs of all: of very many classes some have one, and the last none."""


@dataclass(frozen=True)
class Glimpse:
    number: int
    """By which its picture is found."""
    label: str
    width: int
    height: int
    """Pixels of the picture."""


def keep(store: ArtifactStore, id: str, photographs: Iterable[Photograph]) -> int:
    """Keep some of each class; how many that were. Raises `StoreFull`."""
    chosen = list(islice(some_of_each(photographs), MOST))
    kept: list[Glimpse] = []
    pictures = thumbnails(each.path for each in chosen)
    for photograph, picture in zip(chosen, pictures, strict=True):
        if picture is None:
            continue
        kept.append(Glimpse(len(kept) + 1, photograph.label, picture.width, picture.height))
        store.write(picture_of(id, len(kept)), picture.data, durable=False)
    store.write(list_of(id), json.dumps([asdict(each) for each in kept]).encode())
    return len(kept)


def some_of_each(photographs: Iterable[Photograph]) -> list[Photograph]:
    """The first of each class, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for each in photographs:
        turns.append((seen[each.label], each))
        seen[each.label] += 1
    return [each for turn, each in sorted(turns, key=lambda pair: pair[0]) if turn < EACH]


def read(store: ArtifactStore, id: str) -> list[Glimpse]:
    """Those of a data set's job; none where none were kept."""
    with suppress(ArtifactMissing):
        return [Glimpse(**each) for each in json.loads(store.read(list_of(id)))]
    return []


def picture_of(id: str, number: int) -> str:
    """The key of a photograph's picture."""
    return f"jobs/{id}/glimpses/{number:04}.webp"


def list_of(id: str) -> str:
    return f"jobs/{id}/glimpses/list.json"
