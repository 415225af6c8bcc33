"""`merian train`: a folder of photographs in, a species model out, without web or queue."""

import json
import os
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from commands.errors import told_plainly
from commands.options import options_of
from models.checkpoints import FileCheckpoints
from models.devices import DeviceUnavailable, pick_device
from models.images import PictureError
from models.options import InvalidOption
from models.species.card import CardInvalid
from models.species.registry import UnknownModel
from models.torchvision_trunk import UnknownNetwork
from models.training import ranks
from models.training.course import Course, NameTaken, Places
from models.training.dataset import DataSetError
from models.training.features import FeaturesMissing
from models.training.options import TrainOptions
from models.training.results import Step
from models.weights import Weights, WeightsDamaged, WeightsMissing
from workers.artifacts import open_store
from workers.settings import SettingError, WorkerSettings
from workers.shared_models import publish

PLAIN = (
    DataSetError, NameTaken, UnknownModel, UnknownNetwork, CardInvalid, FeaturesMissing,
    WeightsMissing, WeightsDamaged, PictureError, SettingError, InvalidOption, DeviceUnavailable,
    OSError,
)  # fmt: skip


@click.command()
@click.argument("folder", required=False, type=Path)
@options_of(TrainOptions)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def train(folder: Path | None, as_json: bool, **chosen: Any) -> None:
    """Teach a model the species in FOLDER: a folder of photographs for each, or another format.

    Interrupted, it keeps the best so far; killed, it goes on from there when run again.
    """
    started = time.monotonic()
    with told_plainly(*PLAIN), ranks.together():
        if not chosen["name"]:
            chosen["name"] = name_after(folder)
        options = TrainOptions(**chosen)
        settings = WorkerSettings.from_env(os.environ)
        places = Places(
            weights=Weights(settings.weights, settings.data / "weights"),
            models=settings.models,
            cache=settings.features,
            device=pick_device(settings.device),
        )
        checkpoints = FileCheckpoints(settings.data / "training" / f"{options.name}.pt")
        course = Course(folder, options, places, checkpoints)
        last = watched(course.steps())
        if ranks.mine() > 0:
            return
        if last.trained is None:
            raise click.ClickException("Interrupted before anything was learnt.")
        card = course.keep(last)
        publish(settings, open_store(settings), card.name)
        checkpoints.remove()
    about = card.training or {}
    told = {
        "model": card.name, "backbone": card.backbone, "mode": about["mode"],
        "measured_on": about["measured_on"], "metrics": card.metrics,
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo(sentence(told))
    for warning in course.report.get("warnings", []):
        click.echo(f"Note: {warning}", err=True)


def name_after(folder: Path | None) -> str:
    """A name for the model where none is given: the folder's, in its letters."""
    if folder is None:
        raise click.UsageError("Name the model with --name.")
    plain = unicodedata.normalize("NFKD", folder.resolve().name.lower())
    letters = (each for each in plain if not unicodedata.combining(each))
    words = "".join(each if each.isascii() and each.isalnum() else "-" for each in letters)
    return words.strip("-")


def watched(steps: Iterator[Step]) -> Step:
    """Let it go on, with a bar on stderr; the last step. Ctrl-C ends it with what there is."""
    last = Step("", 0, 0, 0.0)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(), TextColumn("{task.fields[told]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), disable=ranks.mine() > 0) as bars:
        bar = bars.add_task("", total=1.0, told="")
        try:
            for last in steps:
                bars.update(
                    bar, description=last.message, completed=last.fraction, told=curve(last)
                )
        except KeyboardInterrupt:
            click.echo("Interrupted: what was learnt so far is kept.", err=True)
    return last


def curve(step: Step) -> str:
    """How well it does by now, and where within this part it is."""
    place = f"{step.step}/{step.steps}"
    right = step.curves[-1].val_top1 if step.curves else None
    return place if right is None else f"{place}, {right:.1%} right"


def sentence(told: dict[str, Any]) -> str:
    """What a person reads at the end."""
    metrics = told["metrics"]
    if not metrics:
        return f"{told['model']} is ready. There were too few photographs to measure it with."
    return (
        f"{told['model']} is ready: {metrics['top1']:.1%} of {metrics['n']:.0f} photographs that "
        f"it did not learn from are named rightly ({told['measured_on']})."
    )
