"""From a filled-in Training form, or a program's request, to a job."""

from collections.abc import Mapping
from typing import Any

from app import datasets, own_models
from app.archives import received_archive
from app.errors import Refusal
from app.submissions import FORM_ONLY, Files, hand_in_archive, refuse_when_full
from models.options import InvalidOption
from models.species.registry import UnknownModel
from models.training.options import TrainOptions
from workers.jobs import Job

REFIT = "refit"


def submit_training(
    values: Mapping[str, Any], files: Files, owner: str, idempotency_key: str = ""
) -> Job:
    """The options by name, `dataset` among them, and perhaps an archive: handed in.

    Raises `Refusal`, `InvalidOption`, `UnknownModel` and leaves nothing behind; so do a full queue,
    a full disk and a store that is down.
    """
    options = read_options(values)
    refuse_name(options)
    name, archive = str(values.get("dataset", "")), received_archive(files)
    if name and archive:
        raise Refusal("missing_dataset", "Send an archive or name a data set, not both.", "dataset")
    if name:
        datasets.refuse_unknown(name, owner)
    elif archive is None and options.mode != REFIT:
        raise Refusal("missing_dataset", field="dataset")
    chosen = {**options.as_dict(), "dataset": name}
    if not idempotency_key:
        refuse_when_full("training", chosen, owner)
    job = Job(kind="training", owner=owner, options=chosen, inputs={})
    return hand_in_archive(job, archive, idempotency_key)


def read_options(values: Mapping[str, Any]) -> TrainOptions:
    """Raises `InvalidOption` also for a field that is no option."""
    others = {"dataset", *FORM_ONLY}
    options = TrainOptions.parse({name: values[name] for name in values if name not in others})
    if not options.name:
        raise InvalidOption("name", "is missing.")
    return options


def refuse_name(options: TrainOptions) -> None:
    """A new model takes no other's name; to replace or refit one it must be this owner's.

    Raises `Refusal`, `UnknownModel`.
    """
    name = options.name
    if own_models.is_packaged(name):
        raise Refusal("model_exists", f"{name} is a part of Merian. Choose another name.", "name")
    if own_models.own_folder(name) is None:
        if options.mode == REFIT:
            raise UnknownModel(f"There is no model called {name}.")
    elif options.mode == REFIT or options.replace:
        own_models.changeable(name)
    else:
        raise Refusal("model_exists", field="name")


def model_of(job: Job) -> str:
    """What a training's model is called: as asked for, or otherwise if that was taken meanwhile."""
    return str((job.result or {}).get("model", job.options["name"]))
