"""`merian paint`: photographs in, paintings out, without web or queue."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
import torch
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from commands.errors import told_plainly
from commands.options import given, options_of
from models.devices import DeviceUnavailable, memory_for, pick_device
from models.images import PictureError, open_picture
from models.options import InvalidOption
from models.style.forecast import NotEnoughMemory, forecast
from models.style.options import PaintOptions
from models.style.output import FORMATS, NotRepaintable, settings_in, write_painting
from models.style.painters import Painter, load_painter
from models.weights import Weights, WeightsDamaged, WeightsMissing
from workers.artifacts import replacing
from workers.settings import SettingError, WorkerSettings

ENDINGS = tuple(dict.fromkeys(end for kind in FORMATS.values() for end in kind.endings))


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
    help="A painting to learn from. Several are mixed.",
)  # fmt: skip
@click.option(
    "--mask", "masks", metavar="MASK", multiple=True, type=Path,
    help="Where each style goes (white) and where the photograph stays (black): none, or one a "
    "style in their order.",
)  # fmt: skip
@click.option(
    "-o", "--output", metavar="OUT", required=True, type=Path,
    help="The picture to write, in the format of its ending, or a folder.",
)  # fmt: skip
@click.option(
    "--like", metavar="PAINTING", type=Path,
    help="Settings and seed as this painting's file tells them, where none are given here.",
)  # fmt: skip
@options_of(PaintOptions)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a picture, each on a line."
)
def paint(
    contents: tuple[Path, ...], styles: tuple[Path, ...], masks: tuple[Path, ...], output: Path,
    like: Path | None, as_json: bool, **chosen: Any,
) -> None:  # fmt: skip
    """Paint each CONTENT in the style of a painting."""
    with told_plainly(*PLAIN), progress_bars() as bars:
        told = settings_in(like).as_dict() if like else {}
        options = PaintOptions(**{**chosen, **told, **given(chosen)})
        options = replace(options, format=format_of(output, options.format))
        targets = name_outputs(contents, output, options.format)
        settings = WorkerSettings.from_env(os.environ)
        device = pick_device(settings.device)
        easel = Easel(
            styles=[open_named(path, options.style_size) for path in styles],
            masks=[open_named(path, options.size) for path in masks],
            options=options,
            memory=memory_for(device, settings.memory_mb),
        )
        foresee(contents, easel)
        painter = load(options.painter, device, settings, bars)
        for path, target in zip(contents, targets, strict=True):
            painted = paint_one(painter, path, easel, target, bars)
            click.echo(json.dumps(asdict(painted)) if as_json else painted.output)


@dataclass(frozen=True)
class Easel:
    """What all photographs of one command share."""

    styles: Sequence[Image.Image]
    masks: Sequence[Image.Image]
    options: PaintOptions
    memory: int
    """Bytes that painting may take."""

    def __post_init__(self) -> None:
        """Raises `InvalidOption`."""
        self.options.weights_of(len(self.styles))
        if self.masks and len(self.masks) != len(self.styles):
            raise InvalidOption("mask", f"needs one mask a style: {len(self.styles)}.")


PLAIN = (
    PictureError, WeightsMissing, WeightsDamaged, SettingError, InvalidOption, DeviceUnavailable,
    NotEnoughMemory, NotRepaintable, OSError,
)  # fmt: skip


def open_named(path: Path, size: int) -> Image.Image:
    """`open_picture`, with the file's name before what is wrong with it."""
    try:
        return open_picture(path, longer_side=size)
    except PictureError as wrong:
        raise PictureError(wrong.code, f"{path}: {wrong.message}") from wrong


def foresee(contents: Sequence[Path], easel: Easel) -> None:
    """Say what memory the largest painting takes; a wrong file or one too large is told now,

    not after an hour of painting.
    """
    sizes = [open_named(path, easel.options.size).size for path in contents]
    masks = len(easel.masks)
    ahead = [forecast(easel.options, *size, masks, memory=easel.memory) for size in sizes]
    largest = max(ahead, key=lambda each: each.bytes)
    shown = f"{largest.width} x {largest.height} px, about {largest.gigabytes} GB of memory"
    click.echo(f"{len(ahead)} to paint, at most {shown}.", err=True)


def load(name: str, device: torch.device, settings: WorkerSettings, bars: Progress) -> Painter:
    """The painter, with a bar while its weights are fetched or read."""
    bar = bars.add_task(f"Loading the painter {name}", total=None)

    def fetched(file: str, done: int, total: int) -> None:
        bars.update(bar, description=f"Fetching {file}", completed=done, total=total or None)

    weights = Weights(settings.weights, settings.data / "weights", fetched)
    painter = load_painter(name, device, weights)
    bars.remove_task(bar)
    return painter


def paint_one(painter: Painter, path: Path, easel: Easel, target: Path, bars: Progress) -> Painted:
    started = time.monotonic()
    bar = bars.add_task(path.name, total=1.0)
    options = easel.options
    photograph = open_named(path, options.size)
    for step in painter.paint(photograph, easel.styles, options, easel.masks, easel.memory):
        bars.update(bar, completed=step.fraction)
    with replacing(target, durable=True) as file:
        write_painting(step, options, file)
    return Painted(
        output=str(target),
        width=step.width,
        height=step.height,
        painter=options.painter,
        seed=options.seed,
        seconds=round(time.monotonic() - started, 2),
        losses=step.losses,
    )


def format_of(output: Path, wanted: str) -> str:
    """The format: of the ending if `output` is one picture, as far as `wanted` does not fit it."""
    if not is_picture(output) or output.suffix.lower() in FORMATS[wanted].endings:
        return wanted
    if "format" in given({"format": wanted}):
        raise click.UsageError(f"-o {output} does not end as a file of --format {wanted}.")
    return next(name for name, kind in FORMATS.items() if output.suffix.lower() in kind.endings)


def is_picture(output: Path) -> bool:
    """Whether `output` is one picture to write; otherwise it is a folder."""
    if not output.suffix or output.is_dir():
        return False
    if output.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"-o {output}: a picture's name ends in {', '.join(ENDINGS)}.")
    return True


def name_outputs(contents: Sequence[Path], output: Path, format: str) -> list[Path]:
    """Where each painting goes: `output` itself for one photograph, else files in that folder."""
    if is_picture(output):
        if len(contents) > 1:
            raise click.UsageError(
                f"-o {output} is one picture; for several photographs name a folder."
            )
        return [output]
    names = [f"{path.stem}{FORMATS[format].endings[0]}" for path in contents]
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
