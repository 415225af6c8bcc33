"""A form that is handed in: on to the job's page, or back with a complaint beside the field."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.errors import Refusal, as_refusal
from app.formats import duration, label
from app.languages import gettext, say
from app.security import current_owner
from app.submissions import Files, Form
from models.options import InvalidOption
from models.species.card import CardInvalid
from models.species.registry import UnknownModel
from models.style.forecast import NotEnoughMemory
from workers.artifacts import StoreFull
from workers.jobs import Job
from workers.ledger import QueueFull
from workers.store import StoreDown

Made = TypeVar("Made")
Page = tuple[str, int, dict[str, str]]
ShowForm = Callable[[Mapping[str, str], Mapping[str, str]], str]
"""The form with what was entered, and complaints by field; that of "" is about the whole."""
FORESEEN = (
    Refusal, NotEnoughMemory, UnknownModel, CardInvalid, QueueFull, StoreDown, StoreFull,
)  # fmt: skip


def page_of(job: Job) -> str:
    return url_for("jobs.show", id=job.id)


def hand_in(
    submit: Callable[[Form, Files, str], Made],
    show_form: ShowForm,
    fields: Collection[str],
    onwards: Callable[[Made], str] = page_of,  # type: ignore[assignment]
) -> Response | Page:
    """Submit the request's form; what is wrong is said beside one of `fields`, the rest is kept.

    `onwards` is the address at which what was made is shown.
    """
    headers = {}
    try:
        made = submit(request.form, request.files, current_owner())
        return redirect(onwards(made), 303)
    except InvalidOption as wrong:
        field, status = wrong.name, 422
        sentence = f"{gettext(label(wrong.name))} {say(wrong.reason)}"
    except FORESEEN as error:
        refusal = as_refusal(error)
        field, status = (refusal.field or "").removesuffix("_sample"), int(refusal.status)
        sentence = say(refusal.message)
        if refusal.retry_after:
            headers = {"Retry-After": str(refusal.retry_after)}
            room = {"duration": duration(refusal.retry_after)}
            sentence += (
                " " + gettext("Your entries stay here: send them again in %(duration)s.") % room
            )
    complaint = {field if field in fields else "": sentence}
    return show_form(request.form, complaint), status, headers
