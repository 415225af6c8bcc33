"""What an owner says about an answer: that it is right, or what the photographs really show."""

import time
from collections.abc import Mapping
from typing import Any

from app.errors import Refusal
from app.security import SHARED_OWNER, current_owner, owned_job
from app.services import services
from models.species.card import Card
from workers import corrections
from workers.audit import Why, note_removal
from workers.corrections import Correction
from workers.jobs import Job, State


def correct(id: str, label: str, keep: bool) -> Correction:
    """Note what a job's photographs show: a scientific name of the model, or a label of a class.

    With `keep` the photographs are kept to learn from. Raises `Refusal`, `JobNotFound`,
    `UnknownModel`, `CardInvalid`.
    """
    job = answered_job(id)
    said = dict(job.result or {})
    model = str(job.options["model"])
    chosen, taxon = named(services().registry.get(model).card, label)
    correction = Correction(
        job=job.id, model=model, owner=job.owner, label=chosen, taxon=taxon,
        was=most_probable(said), keep=keep, at=round(time.time(), 3),
    )  # fmt: skip
    corrections.note(services().store, correction, job.inputs)
    return correction


def correction_of(id: str) -> Correction:
    """Raises `Refusal` (no_correction), `JobNotFound`."""
    job = owned_job(id)
    found = corrections.find(services().store, model_of(job), job.id) if model_of(job) else None
    if found is None:
        raise Refusal("no_correction")
    return found


def withdraw(id: str) -> None:
    """Forget it, with the photographs. Raises as `correction_of`."""
    found = correction_of(id)
    corrections.withdraw(services().store, found.model, found.job)
    note_removal(services().workers.data, "correction", found.job, Why.OWNER, found.owner)


def kept_corrections(model: str) -> list[Correction]:
    """Those of a model with photographs that this request's owner may have: in shared mode all.

    Raises `UnknownModel`, `CardInvalid`; `Refusal` where there are none.
    """
    services().registry.get(model)
    owner = current_owner()
    whose = None if owner == SHARED_OWNER else owner
    found = corrections.kept(services().store, model, whose)
    if not found:
        raise Refusal("no_correction", "There are no photographs with corrections.")
    return found


def answered_job(id: str) -> Job:
    """A species job of this owner that has an answer. Raises `Refusal`, `JobNotFound`."""
    job = owned_job(id)
    if job.kind != "species":
        raise Refusal("no_answer")
    if job.state is not State.SUCCEEDED:
        raise Refusal("no_answer" if job.state.over else "not_ready")
    return job


def model_of(job: Job) -> str:
    return str(job.options["model"]) if job.kind == "species" else ""


def named(card: Card, text: str) -> tuple[str, str]:
    """The class's label and the scientific name; of several classes of one taxon its own name.

    Raises `Refusal`.
    """
    by_label = dict(zip((label for label, _ in card.classes), card.taxon_of_class, strict=True))
    if text in by_label:
        taxon = by_label[text]
        return text, taxon.scientific_name if taxon else ""
    labels = [label for label, each in by_label.items() if each and each.scientific_name == text]
    if not labels:
        raise Refusal("unknown_label", f"{card.name} has no class called {text}.", "label")
    return (labels[0] if len(labels) == 1 else text), text


def most_probable(said: Mapping[str, Any]) -> str:
    """Its scientific name; "" where the model saw nothing alive."""
    if said["reason"] == "not_alive" or not said["answers"]:
        return ""
    return str(said["answers"][0]["scientific_name"])
