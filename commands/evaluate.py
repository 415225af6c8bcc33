"""`merian evaluate`: what a model, or a file of predictions, is worth."""

import json
import os
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from commands.errors import told_plainly
from models.devices import DeviceUnavailable, pick_device
from models.images import PictureError
from models.species.card import CardInvalid
from models.species.classifier import load_classifier
from models.species.registry import UnknownModel
from models.steps import outcome
from models.training.dataset import SPLITS, DataSetError
from models.training.evaluating import evaluate as evaluating
from models.training.metrics import NothingToMeasure
from models.training.predictions import PredictionsError, read_predictions
from models.training.reading import read_data_set
from workers.settings import SettingError, WorkerSettings
from workers.shared_models import open_registry

PLAIN = (
    UnknownModel, CardInvalid, SettingError, DeviceUnavailable, DataSetError, PredictionsError,
    NothingToMeasure, PictureError, OSError,
)  # fmt: skip


@click.command()
@click.argument("folder", required=False, type=Path)
@click.option("--model", help="Which model to measure.")
@click.option(
    "--predictions", metavar="FILE", type=Path,
    help="Measure these instead: JSON with lists pred_lab, pred_prob and true_lab.",
)  # fmt: skip
@click.option(
    "--split", type=click.Choice(SPLITS), help="Only this part of the folder; without, all of it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
def evaluate(
    folder: Path | None, model: str | None, predictions: Path | None, split: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Measure a model with the photographs in FOLDER, whose names are known."""
    with told_plainly(*PLAIN):
        if predictions is not None and (folder or model):
            raise click.UsageError("--predictions needs neither a model nor a folder.")
        if predictions is not None:
            told = read_predictions(predictions).report().record()
        elif model is None or folder is None:
            raise click.UsageError("Name a model and a folder, or a file of --predictions.")
        else:
            told = measured(model, folder, split)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        show(told)


def measured(name: str, folder: Path, split: str | None) -> dict[str, Any]:
    """The report on the model called `name`."""
    settings = WorkerSettings.from_env(os.environ)
    model = open_registry(settings).get(name)
    data_set = read_data_set(folder)
    photographs = [each for each in data_set.photographs if split in (None, each.split)]
    if not photographs:
        raise DataSetError(f"{data_set.name} has no photographs in the split {split}.")
    classifier = load_classifier(model, pick_device(settings.device))
    looking = evaluating(classifier, photographs, data_set)
    with Progress(console=Console(stderr=True)) as bars:
        bar = bars.add_task(name, total=len(photographs))
        found = outcome(looking, lambda done: bars.update(bar, completed=done))
    return dict(found.record())


def show(told: dict[str, Any]) -> None:
    """The figures that matter, for a person."""
    click.echo(
        f"{told['n']} photographs: {told['top1']:.1%} right, {told['top5']:.1%} among the first "
        f"five, {told['macro_top1']:.1%} in the mean over classes; "
        f"calibration error {told['ece']:.1%}."
    )
    table = Table("sure to at least", "share kept", "right", "among five")
    for row in told["by_confidence"]:
        cells = (row["share"], row["top1"], row["top5"])
        words = ("-" if each is None else f"{each:.1%}" for each in cells)
        table.add_row(f"{row['cutoff']:.2f}", *words)
    Console().print(table)
