"""The sample pictures that ship with Merian, as static/samples/samples.json lists them."""

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "static" / "samples"


@dataclass(frozen=True)
class Sample:
    """One picture to try at once. `file` and `thumb` are names below static/samples."""

    name: str
    role: str
    title: str
    origin: str
    licence: str
    width: int
    height: int
    file: str
    thumb: str

    @property
    def path(self) -> Path:
        return FOLDER / self.file


def read_samples(folder: Path = FOLDER) -> dict[str, Sample]:
    """The samples by name, in the order in which pages show them."""
    listed = json.loads((folder / "samples.json").read_text("utf-8"))
    return {each["name"]: Sample(**each) for each in listed}
