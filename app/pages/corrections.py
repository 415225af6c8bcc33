"""Saying on the page of a naming that its answer is right, or what it really is."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app import corrections
from app.errors import Refusal
from app.keys import needs
from app.languages import gettext, say
from app.pages.correcting import label_of
from app.pages.jobs import render
from app.services import services

pages = Blueprint("corrections", __name__)


@pages.get("/jobs/<id>/correction")
@needs("identify")
def start_again(id: str) -> Response:
    """Who changes the language of a refused form comes here."""
    return redirect(url_for("jobs.show", id=id))


@pages.post("/jobs/<id>/correction")
@needs("identify")
def correct(id: str) -> Response | tuple[str, int]:
    """Note it. What was typed counts more than the button: Enter presses the first one."""
    job = corrections.answered_job(id)
    typed = request.form.get("other", "").strip()
    card = services().registry.get(corrections.model_of(job)).card
    label = label_of(card, typed) if typed else request.form.get("label", "")
    try:
        corrections.correct(id, label, "keep" in request.form)
    except Refusal as refusal:
        if refusal.code != "unknown_label":
            raise
        sentence = say(refusal.message) if label else gettext("Say what it is.")
        return render(job, typed=typed, complaint=sentence), int(refusal.status)
    return redirect(url_for("jobs.show", id=id, _anchor="correction"), 303)


@pages.post("/jobs/<id>/correction/withdraw")
@needs("identify")
def withdraw(id: str) -> Response:
    """Forget it; once more changes nothing."""
    try:
        corrections.withdraw(id)
    except Refusal as refusal:
        if refusal.code != "no_correction":
            raise
    return redirect(url_for("jobs.show", id=id, _anchor="correction"), 303)
