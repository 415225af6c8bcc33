"""A student's card: where it comes from. It travels inside the weights file."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from models.style.distillation.options import Teaching
from models.style.distillation.training import Taught
from models.weights import State, read_metadata, safetensors

CREDIT = (
    "Taught by VGG-16 of K. Simonyan and A. Zisserman (Visual Geometry Group, University of "
    "Oxford, arXiv:1409.1556), whose weights are CC BY 4.0."
)
LICENCE = "CC-BY-4.0"


@dataclass(frozen=True)
class Card:
    """Text, numbers and lists only: it is written as JSON."""

    name: str
    teacher: str
    """The network's name, and the sha256 of its weights file."""
    credit: str
    licence: str
    pictures: tuple[tuple[str, str], ...]
    """Names and sha256 of the pictures it was shown; the rest were made."""
    teaching: Mapping[str, object]
    """`Teaching` as it was."""
    activations: Mapping[str, float]
    """By tap, what of the teacher's activations it misses in crops it never saw: see `Marks`."""
    grams: Mapping[str, float]
    tensors: str
    """The sha256 of the weights, in their order."""

    @classmethod
    def of(
        cls, teacher: str, pictures: Sequence[Path], teaching: Teaching, taught: Taught
    ) -> "Card":
        return cls(
            "merian", teacher, CREDIT, LICENCE,
            tuple((path.name, sha256_of(path)) for path in pictures), asdict(teaching),
            taught.activations, taught.grams, digest(taught.state),
        )  # fmt: skip

    @classmethod
    def read(cls, path: Path) -> "Card":
        """The card in a weights file. Raises `WeightsDamaged`, or `ValueError` without a card."""
        text = read_metadata(path).get("card")
        if text is None:
            raise ValueError(f"{path.name} has no card.")
        told = json.loads(text)
        return cls(**{**told, "pictures": tuple(map(tuple, told["pictures"]))})


def write(path: Path, state: State, card: Card) -> None:
    """The weights file with its card; it appears whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            told = {"card": json.dumps(asdict(card)), "licence": card.licence}
            for piece in safetensors(state, told):
                file.write(piece)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def digest(state: State) -> str:
    """The sha256 of tensors, in their order, whatever file they are in."""
    found = hashlib.sha256()
    for name, tensor in state.items():
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
