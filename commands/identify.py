"""`merian identify`: photographs in, names out, without web or queue."""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from commands.errors import told_plainly
from commands.sheets import opened
from models.devices import DeviceUnavailable, pick_device
from models.exif import occasion_of
from models.images import PictureError, open_picture
from models.species.answers import answered
from models.species.card import CardInvalid
from models.species.classifier import Classifier, load_classifier
from models.species.registry import DEFAULT, UnknownModel
from models.species.specimens import specimens
from workers.settings import SettingError, WorkerSettings
from workers.shared_models import open_registry

ENDINGS = (
    ".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".gif", ".tif", ".tiff",
)  # fmt: skip
TOGETHER = 8
"""Photographs that are looked at at once: while they are, the next are being read."""
LONGER_SIDE, LONGER_SIDE_FOR_BOXES = 640, 1024
"""Pixels as which photographs are read: no network looks at more."""
COLUMNS = (
    "file", "model", "rejected", "reason", "name", "scientific_name", "rank", "probability",
    "rollup_name", "rollup_rank", "rollup_probability", "date", "latitude", "longitude", "error",
)  # fmt: skip
PLAIN = (UnknownModel, CardInvalid, SettingError, DeviceUnavailable, OSError)


@click.command()
@click.argument("photographs", metavar="PHOTO-OR-FOLDER...", nargs=-1, required=True, type=Path)
@click.option("--model", default=DEFAULT, show_default=True, help="Which model to ask.")
@click.option(
    "--top-k", type=click.IntRange(1, 20), default=5, show_default=True, help="Answers for each."
)
@click.option(
    "--boxes/--no-boxes",
    default=None,
    help="Look for several specimens in each photograph. Takes longer; left out in tables.",
)
@click.option(
    "-o", "--output", metavar="FILE", type=Path,
    help="Write a table, .csv or .jsonl; run again, it goes on where it stopped.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a photograph.")
def identify(
    photographs: tuple[Path, ...], model: str, top_k: int, boxes: bool | None,
    output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Name the species in each photograph, or in each of a folder."""
    if boxes and output is not None and output.suffix.lower() == ".csv":
        raise click.UsageError("--boxes: a CSV has no place for boxes; write a .jsonl instead.")
    with told_plainly(*PLAIN):
        paths = list(found_in(photographs))
        settings = WorkerSettings.from_env(os.environ)
        chosen = open_registry(settings).get(model)
        classifier = load_classifier(chosen, pick_device(settings.device))
        look = Look(classifier, top_k, boxes if boxes is not None else output is None and as_json)
        if output is not None:
            tabulate(look, paths, output)
            return
        wrong = 0
        for row in look.rows(paths):
            wrong += "error" in row
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else sentence(row))
        if wrong:
            raise click.ClickException(f"{wrong} of {len(paths)} could not be read.")


def found_in(given: Sequence[Path]) -> Iterator[Path]:
    """The files that were named, and the pictures of the folders that were."""
    for path in given:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in ENDINGS)
            if not inside:
                raise click.UsageError(f"There is no picture in {path}.")
            yield from inside
        elif path.exists():
            yield path
        else:
            raise click.UsageError(f"There is no {path}.")


def tabulate(look: "Look", paths: Sequence[Path], output: Path) -> None:
    """A row for each photograph that has none yet."""
    with opened(output, COLUMNS) as sheet, Progress(console=Console(stderr=True)) as bars:
        bar = bars.add_task(output.name, total=len(paths))
        new = [path for path in paths if str(path) not in sheet.done]
        bars.advance(bar, len(paths) - len(new))
        for row in look.rows(new):
            sheet.add([flat(row) if sheet.csv else row])
            bars.advance(bar)


@dataclass(frozen=True)
class Look:
    """How photographs are looked at."""

    classifier: Classifier
    top_k: int
    boxes: bool

    def rows(self, paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
        """What is to be said of each photograph, in order; the next are read meanwhile."""
        with ThreadPoolExecutor(1) as reader:
            parts = [paths[first : first + TOGETHER] for first in range(0, len(paths), TOGETHER)]
            reading = reader.submit(self._read, parts[0]) if parts else None
            for part, following in zip(parts, [*parts[1:], None], strict=True):
                assert reading is not None
                pictures = reading.result()
                reading = reader.submit(self._read, following) if following else None
                yield from self._told(part, pictures)

    def _read(self, paths: Sequence[Path]) -> list[Image.Image | PictureError]:
        side = LONGER_SIDE_FOR_BOXES if self.boxes else LONGER_SIDE
        pictures: list[Image.Image | PictureError] = []
        for path in paths:
            try:
                pictures.append(open_picture(path, longer_side=side))
            except PictureError as wrong:
                pictures.append(wrong)
        return pictures

    def _told(
        self, paths: Sequence[Path], pictures: Sequence[Image.Image | PictureError]
    ) -> Iterator[dict[str, Any]]:
        good = [picture for picture in pictures if isinstance(picture, Image.Image)]
        found = iter(self.classifier.look(good) if good else [])
        for path, picture in zip(paths, pictures, strict=True):
            if isinstance(picture, PictureError):
                about = {"file": str(path), "model": self.classifier.card.name}
                yield about | {"error": picture.message}
                continue
            answer = answered(self.classifier.card, next(found), self.top_k)
            told = {"file": str(path)} | answer.record() | {"boxes": self._boxes(path, picture)}
            yield told | asdict(occasion_of(path))

    def _boxes(self, path: Path, picture: Image.Image) -> list[dict[str, Any]]:
        """The specimens in a photograph, in its own pixels."""
        if not self.boxes:
            return []
        with Image.open(path) as file:
            scale = max(file.size) / max(picture.size)
        found = specimens(self.classifier, picture, self.top_k)
        return [specimen.record(scale) for specimen in found]


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a CSV: the best answer, and the roll-up."""
    best = row["answers"][0] if row.get("answers") else {}
    rollup = row.get("rollup") or {}
    kept = {name: value for name, value in row.items() if value is not None}
    return kept | best | {f"rollup_{name}": value for name, value in rollup.items()}


def sentence(row: dict[str, Any]) -> str:
    """A row for a person."""
    if "error" in row:
        return f"{row['file']}: {row['error']}"
    if row["rejected"]:
        return f"{row['file']}: nothing ({row['reason']})"
    rollup, best = row["rollup"], row["answers"][0]
    told = f"{rollup['probability']:.0%} {rollup['rank']} {rollup['scientific_name']}"
    if rollup["scientific_name"] != best["scientific_name"]:
        told += f"; {best['probability']:.0%} {best['scientific_name']}"
    return f"{row['file']}: {told} ({best['name']})"
