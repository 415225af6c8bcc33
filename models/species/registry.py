"""Which species models there are. A folder that appears is there at the next question.

Imports no torch.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.species.card import CARD, Card, CardInvalid, check_weights, read_card

log = logging.getLogger(__name__)

PACKAGED = Path(__file__).parent / "packaged"
DEFAULT = "wildlife"
Stamp = tuple[tuple[str, int, int], ...]


class UnknownModel(LookupError):
    """There is no such model. The message lists those that there are."""


@dataclass(frozen=True)
class Model:
    """A card whose weights have been found to be its own."""

    card: Card
    weights: Path


@dataclass
class Registry:
    """The packaged models, then those in the user's `folder`; of two with one name the packaged."""

    folder: Path
    known: dict[Path, tuple[Stamp, Model | CardInvalid]] = field(default_factory=dict)

    def refresh(self) -> None:
        """Before each look: a registry whose folder is a copy brings it up to date."""

    def models(self) -> list[Model]:
        found: dict[str, Model] = {}
        for answer in self._answers():
            if isinstance(answer, Model):
                found.setdefault(answer.card.name, answer)
        return list(found.values())

    def refused(self) -> list[str]:
        """Why folders that hold a card are not served, a sentence each."""
        return [str(answer) for answer in self._answers() if isinstance(answer, CardInvalid)]

    def get(self, name: str) -> Model:
        """Raises `UnknownModel`; `CardInvalid` where the model is there but damaged."""
        for model in self.models():
            if model.card.name == name:
                return model
        for path in self._folders():
            if path.name == name and isinstance(answer := self._answer(path), CardInvalid):
                raise answer
        names = ", ".join(model.card.name for model in self.models())
        raise UnknownModel(f"There is no model called {name}. There are: {names}.")

    def _folders(self) -> Iterator[Path]:
        self.refresh()
        for parent in (PACKAGED, self.folder):
            if parent.is_dir():
                yield from sorted(each for each in parent.iterdir() if (each / CARD).is_file())

    def _answers(self) -> list[Model | CardInvalid]:
        return [self._answer(path) for path in self._folders()]

    def _answer(self, path: Path) -> Model | CardInvalid:
        """What became of a folder: remembered until one of its files changes."""
        stamp = stamp_of(path)
        if path not in self.known or self.known[path][0] != stamp:
            self.known[path] = stamp, opened(path)
        return self.known[path][1]


def opened(path: Path) -> Model | CardInvalid:
    try:
        card = read_card(path)
        return Model(card, check_weights(card, path))
    except CardInvalid as wrong:
        log.warning("model refused", extra={"why": str(wrong)})
        return wrong


def stamp_of(path: Path) -> Stamp:
    """Changes when a file of the folder does."""
    stats = ((each.name, each.stat()) for each in sorted(path.iterdir()) if each.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
