"""The form that teaches a model: what everybody chooses, and what unfolds."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from app.datasets import JOB
from app.languages import gettext
from app.security import owned_job
from app.services import services
from app.trainings import REFIT
from models.options import Option
from models.training.options import NAME, TrainOptions
from workers.ledger import JobNotFound

SHOWN = ("name", "backbone", "mode")
"""What everybody sees; the others unfold."""
FOLDED = tuple(each.name for each in TrainOptions.describe() if each.name not in SHOWN)
OTHER = "other_backbone"
"""A field of the form alone: a network that is not among the choices."""
FIELDS = {*SHOWN, *FOLDED, OTHER, "dataset"}


def about_form(
    dataset: str,
    title: str,
    entries: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What `parts/teaching.html` shows: the options with what was entered, complaints by field."""
    options = {option.name: option for option in TrainOptions.describe()}
    entries, errors = entries or {"name": suggested_name(title)}, errors or {}
    values = {name: entries.get(name, option.default) for name, option in options.items()}
    return {
        "dataset": dataset,
        "dataset_title": title,
        "options": options,
        "folded": FOLDED,
        "networks": networks(),
        "modes": modes(options["mode"]),
        "values": defaultdict(str, values | {OTHER: entries.get(OTHER, "")}),
        "errors": defaultdict(str, errors),
        "unfold": any(field in (*FOLDED, OTHER) for field in errors),
    }


def networks() -> list[tuple[str, str, str]]:
    """The backbones that are offered by name: their title, and what each costs."""
    return [
        (
            "efficientnet_lite0",
            "EfficientNet-Lite0",
            gettext("Small and quick, and right for most data sets."),
        ),
        (
            "efficientnet_lite2",
            "EfficientNet-Lite2",
            gettext("Sees finer detail, and takes about twice as long."),
        ),
        (
            "resnet50",
            "ResNet-50",
            gettext("Large: takes several times as long, and fetches its weights first (98 MB)."),
        ),
    ]


def modes(option: Option) -> list[tuple[str, str, str]]:
    """The modes that a new model can be taught in: their title, and what each does."""
    told = {
        "auto": gettext(
            "Merian decides: with 20 photographs a class the last layer, then everything; "
            "with fewer, the last layer alone."
        ),
        "head": gettext("Done in a minute or so, and good with few photographs."),
        "full": gettext("All of the network learns at once. For many photographs."),
        "head+full": gettext("Takes longest, and is mostly best."),
    }
    return [(each, gettext(each), told[each]) for each in option.choices if each != REFIT]


def suggested_name(title: str) -> str:
    """A name for the model after its data set; with a number where there is one of that name."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:50].strip("-")
    name = words if re.fullmatch(NAME, words) else "model"
    registry = services().registry
    taken = {model.card.name for model in registry.models()}
    tries = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 3))]
    return next(each for each in tries if each not in taken)


def title_of(dataset: str) -> str:
    """What a data set is called: by who handed it in, or as its folder is; "" where it is gone."""
    if not JOB.fullmatch(dataset):
        return dataset
    try:
        job = owned_job(dataset)
    except JobNotFound:
        return ""
    return str((job.result or {}).get("report", {}).get("title", ""))
