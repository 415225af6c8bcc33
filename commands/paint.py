"""`merian paint`: photographs in, paintings out, without web or queue."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from commands.options import options_of
from models.devices import pick_device
from models.images import PictureError, open_picture, save_picture
from models.style.options import PaintOptions
from models.style.painters import Painter, load_painter
from models.weights import Weights, WeightsDamaged, WeightsMissing
from workers.settings import SettingError, WorkerSettings

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class Painted:
    """One object of `--json`."""

    output: str
    width: int
    height: int
    painter: str
    seed: int
    seconds: float
    losses: dict[str, float]


@click.command()
@click.argument("contents", metavar="CONTENT...", nargs=-1, required=True, type=Path)
@click.option(
    "--style", "styles", metavar="STYLE", multiple=True, required=True, type=Path,
    help="A painting to learn from. Several are mixed in equal parts.",
)  # fmt: skip
@click.option(
    "-o", "--output", metavar="OUT", required=True, type=Path,
    help="The picture to write (PNG, JPEG or WebP by its ending), or a folder.",
)  # fmt: skip
@options_of(PaintOptions)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a picture, each on a line."
)
def paint(
    contents: tuple[Path, ...], styles: tuple[Path, ...], output: Path, as_json: bool, **chosen: Any
) -> None:
    """Paint each CONTENT in the style of a painting."""
    options = PaintOptions(**chosen)
    targets = name_outputs(contents, output)
    with told_plainly(), progress_bars() as bars:
        seen = [open_named(path, options.size) for path in styles]
        for path in contents:  # a wrong file is told now, not after an hour of painting
            open_named(path, options.size)
        painter = load(options.painter, bars)
        for path, target in zip(contents, targets, strict=True):
            painted = paint_one(painter, path, seen, options, target, bars)
            click.echo(json.dumps(asdict(painted)) if as_json else painted.output)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors that a person can mend become one sentence and exit status 1."""
    try:
        yield
    except (PictureError, WeightsMissing, WeightsDamaged, SettingError, OSError) as failure:
        raise click.ClickException(str(failure)) from failure


def open_named(path: Path, size: int) -> Image.Image:
    """`open_picture`, with the file's name before what is wrong with it."""
    try:
        return open_picture(path, longer_side=size)
    except PictureError as wrong:
        raise PictureError(wrong.code, f"{path}: {wrong.message}") from wrong


def load(name: str, bars: Progress) -> Painter:
    """The painter, with a bar while its weights are fetched or read."""
    settings = WorkerSettings.from_env(os.environ)
    bar = bars.add_task(f"Loading the painter {name}", total=None)

    def fetched(file: str, done: int, total: int) -> None:
        bars.update(bar, description=f"Fetching {file}", completed=done, total=total or None)

    weights = Weights(settings.weights, settings.data / "weights", fetched)
    painter = load_painter(name, device=pick_device(settings.device), weights=weights)
    bars.remove_task(bar)
    return painter


def paint_one(
    painter: Painter,
    path: Path,
    styles: Sequence[Image.Image],
    options: PaintOptions,
    target: Path,
    bars: Progress,
) -> Painted:
    started = time.monotonic()
    bar = bars.add_task(path.name, total=1.0)
    for step in painter.paint(open_named(path, options.size), styles, options):
        bars.update(bar, completed=step.fraction)
        picture, losses = step.picture, step.losses
    painting = picture()
    target.parent.mkdir(parents=True, exist_ok=True)
    save_picture(painting, target)
    return Painted(
        output=str(target),
        width=painting.width,
        height=painting.height,
        painter=options.painter,
        seed=options.seed,
        seconds=round(time.monotonic() - started, 2),
        losses=losses,
    )


def name_outputs(contents: Sequence[Path], output: Path) -> list[Path]:
    """Where each painting goes: `output` itself for one photograph, else files in that folder."""
    if output.suffix.lower() in ENDINGS and not output.is_dir():
        if len(contents) > 1:
            raise click.UsageError(
                f"-o {output} is one picture; for several photographs name a folder."
            )
        return [output]
    if output.suffix and not output.is_dir():
        raise click.UsageError(f"-o {output}: a picture's name ends in {', '.join(ENDINGS)}.")
    names = [f"{path.stem}.png" for path in contents]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise click.UsageError(f"Several photographs would be written to {output / repeated[0]}.")
    return [output / name for name in names]


def progress_bars() -> Progress:
    """Bars on stderr, so that stdout holds nothing but results."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
