"""What the façades share: photographs are looked at within the request, and nothing is kept."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import FileStorage

from app.errors import KINDS, Refusal
from app.keys import current_key
from app.observations import submit_photographs
from app.services import services
from app.waiting import LONGEST, wait_until_over
from models.species.options import IdentifyOptions
from workers.jobs import Job


def sent_files() -> list[FileStorage]:
    """The files of the request, whatever their fields are called."""
    return [upload for _, upload in request.files.items(multi=True) if upload.filename]


def look(uploads: Sequence[FileStorage], field: str, model: str, top_k: int) -> Mapping[str, Any]:
    """What `model` says of photographs of one observation: the result of a species job.

    Raises as `submit_photographs`, and `Refusal` where the job fails or is not over in time.
    """
    card = services().registry.get(model).card
    options = IdentifyOptions(model=card.name, top_k=top_k)
    # An owner that nobody else is: no cookie is needed, and no one can see the job meanwhile.
    # With a key it is the key's, whose jobs are counted.
    key = current_key()
    owner = key.owner if key else secrets.token_hex(16)
    job = submit_photographs(uploads, options, owner=owner, field=field)
    try:
        return result_of(wait_until_over(job, LONGEST))
    finally:
        forget(job)


def result_of(job: Job) -> Mapping[str, Any]:
    """Raises `Refusal` where there is none."""
    if job.error:
        code = job.error.code if job.error.code in KINDS else "internal_error"
        raise Refusal(code, job.error.message)
    if job.result is None:
        raise Refusal("too_late")
    return job.result


def forget(job: Job) -> None:
    """The record goes first: a worker that holds the job then stops, and removes what it made."""
    try:
        services().ledger.delete(job.id)
    finally:
        services().store.delete_prefix(job.folder)


@dataclass(frozen=True)
class Labels:
    """An answer as the course and DEEPaaS tell it: lists of one length, most probable first."""

    names: list[str]
    probabilities: list[float]
    info: list[str]
    google_images: list[str]
    wikipedia: list[str]

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Self:
        guesses = result["answers"]
        names = [guess["scientific_name"] for guess in guesses]
        return cls(
            names=names,
            # Neither API can reject. Theirs are probabilities among all classes, and so are these:
            # where the photograph shows nothing that lives, all of them are low.
            probabilities=[round(result["alive"] * each["probability"], 4) for each in guesses],
            info=[guess["names"].get("en", "") for guess in guesses],
            google_images=[google_images(name) for name in names],
            wikipedia=[guess["links"]["wikipedia"] for guess in guesses],
        )


def google_images(name: str) -> str:
    """Built, never fetched."""
    return "https://www.google.com/search?" + urlencode({"tbm": "isch", "q": name})
