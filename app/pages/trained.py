"""What the page of a training says: its curves as it goes on, then what came of it."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from app.datasets import JOB, refuse_unknown
from app.errors import Refusal
from app.formats import duration, rate
from app.judged import has_judged
from app.languages import gettext, ngettext
from app.pages.evaluation import curves_of, figures
from app.pages.links import links_of
from app.pages.sentences import announcement, estimate, heading, message
from app.pages.stages import stages
from app.pages.teaching import modes, title_of
from app.security import current_owner
from app.services import services
from app.trainings import REFIT, model_of
from models.species.card import Card, CardInvalid
from models.species.registry import UnknownModel
from models.training.options import TrainOptions
from workers.jobs import Job, State

TEMPLATE = "pages/trained.html"
SAVING_SECONDS = 120.0
"""In which a worker that was told to stop has saved the best so far."""
KEY_FIGURES = ("top1", "macro_top1", "ece", "coverage")


def about(job: Job) -> dict[str, Any]:
    """What the page says beside the record itself."""
    position, eta = services().ledger.position(job), services().ledger.eta_seconds(job)
    card = card_of(job)
    points = (job.result or job.preview or {}).get("curves", [])
    saving = bool(points) and card is None and just_stopped(job)
    dataset = source(job)
    known = [each["val_top1"] for each in points if each["val_top1"] is not None]
    return {
        "links": links_of(job),
        "card": card,
        "curves": curves_of(points),
        "best_so_far": max(known, default=None),
        "figures": key_figures(job, card),
        "any_judged": card is not None and has_judged(card),
        "stages": stages(job),
        "heading": heading(job),
        "message": told(job, card, position, saving),
        "saving": saving,
        "measured": measured(job, card),
        "eta": estimate(eta),
        "stop": gettext("Stop and keep the best so far") if points else "",
        "announcement": announcement(job),
        "dataset": dataset_again(job),
        "lesson": lesson(
            backbone=str(job.options["backbone"]),
            mode=mode_name(str(job.options["mode"])),
            seconds=(job.result or {}).get("seconds"),
            model=(model_of(job), f"/models/{card.name}" if card else ""),
            dataset=dataset,
        ),
    }


def card_of(job: Job) -> Card | None:
    """The card of the model that this job made, if it is still there."""
    with suppress(UnknownModel, CardInvalid):
        card = services().registry.get(model_of(job)).card
        if (card.training or {}).get("job") == job.id:
            return card
    return None


def key_figures(job: Job, card: Card | None) -> list[tuple[str, str, str]]:
    """The few figures that one asks for first; none while it goes on, or where none are known."""
    metrics = metrics_of(job, card) if ended(job) else {}
    kept = {name: value for name, value in metrics.items() if name in KEY_FIGURES}
    return figures(kept, len(card.classes) if card else 0)


def dataset_again(job: Job) -> str:
    """The data set's name, if it is there to be trained on again."""
    name = str(job.options["dataset"])
    with suppress(Refusal):
        refuse_unknown(name, current_owner())
        return name
    return ""


def lesson(
    *, backbone: str, mode: str, seconds: float | None = None,
    model: tuple[str, str] = ("", ""), dataset: tuple[str, str] = ("", ""),
) -> list[tuple[str, str, str]]:  # fmt: skip
    """What is to be said of a training: titles, values and where they lead. Only what is known."""
    facts = [
        (gettext("Model"), *model),
        (gettext("Data set"), *dataset),
        (gettext("Network"), backbone, ""),
        (gettext("Mode"), mode, ""),
        (gettext("Took"), duration(seconds) if seconds else "", ""),
    ]
    return [fact for fact in facts if fact[1]]


def told(job: Job, card: Card | None, position: int | None, saving: bool) -> str:
    if saving:
        return gettext("The best so far is being saved …")
    return ending(job, card) if ended(job) else message(job, position)


def just_stopped(job: Job) -> bool:
    """Whether its worker may still be saving: the ledger knows at once that it was stopped."""
    stopped = job.finished_at if job.state is State.CANCELLED else None
    return stopped is not None and time.time() - stopped < SAVING_SECONDS


def ended(job: Job) -> bool:
    return job.state in (State.SUCCEEDED, State.CANCELLED)


def ending(job: Job, card: Card | None) -> str:
    """How it ended, of one that did not fail."""
    metrics = metrics_of(job, card)
    if job.state is State.CANCELLED and card is None:
        return gettext("No model was kept.")
    if metrics:
        return in_words(metrics)
    return gettext("There were too few photographs to measure how good it is.")


def metrics_of(job: Job, card: Card | None) -> Mapping[str, float]:
    return (job.result or {}).get("metrics") or (card.metrics if card else {})


def in_words(metrics: Mapping[str, float]) -> str:
    """ "95.6 % of 204 photographs that it did not learn from are named rightly."."""
    n = round(metrics["n"])
    sentence = ngettext(
        "%(share)s of %(n)s photograph that it did not learn from is named rightly.",
        "%(share)s of %(n)s photographs that it did not learn from are named rightly.",
        n,
    )
    return sentence % {"share": rate(metrics["top1"]), "n": n}


def measured(job: Job, card: Card | None) -> str:
    """What one must know of the figures."""
    if card is None and job.result:
        return gettext("Its model has been removed or replaced since.")
    if card is None or not card.evaluation:
        return ""
    if job.state is State.CANCELLED:
        return gettext("The best so far was kept as a model.")
    return measured_on(card)


def measured_on(card: Card) -> str:
    """Whether the photographs of the figures had any part in the training."""
    told = {
        "test": gettext("Measured on photographs apart, which had no part in the training."),
        "val": gettext(
            "Measured on the photographs by which the best was chosen, for want of others: "
            "on new ones it may do a little worse."
        ),
    }
    return told.get((card.training or {}).get("measured_on", ""), "")


def source(job: Job) -> tuple[str, str]:
    """The data set's title, and its page where it has one."""
    name = str(job.options["dataset"])
    if not name:
        again = job.options["mode"] == REFIT
        return (gettext("What it was taught before, and the corrections") if again else
                gettext("An archive of its own")), ""  # fmt: skip
    title = title_of(name)
    if not JOB.fullmatch(name):
        return title, ""
    return (title, f"/jobs/{name}") if title else (gettext("removed since"), "")


def mode_name(mode: str) -> str:
    option = next(each for each in TrainOptions.describe() if each.name == "mode")
    return {name: title for name, title, _ in modes(option)}.get(mode, gettext(mode))
