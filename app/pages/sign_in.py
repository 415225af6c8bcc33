"""Signing in to a private Merian: a key is shown once, and a cookie remembers which it was."""

import logging

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.errors import Refusal
from app.keys import PUBLIC, checked, needs
from app.languages import say
from app.pages.language import own_path
from app.services import services

pages = Blueprint("sign_in", __name__)
log = logging.getLogger(__name__)


@pages.get("/sign-in")
@needs(PUBLIC)
def form() -> str:
    refuse_elsewhere()
    return show_form(request.args.get("next", ""))


@pages.post("/sign-in")
@needs(PUBLIC)
def enter() -> Response | tuple[str, int]:
    """The cookie gets the key's id, never the key: to remove the key ends all its sessions."""
    refuse_elsewhere()
    wanted = request.form.get("next", "")
    try:
        key = checked(request.form.get("key", "").strip())
    except Refusal as refusal:
        if refusal.code != "invalid_key":
            raise
        return show_form(wanted, say(refusal.message)), int(refusal.status)
    session.clear()  # nothing of who was here before
    session["key"] = key.id
    session.permanent = True
    log.info("signed in", extra={"key": key.id})
    return redirect(own_path(wanted), 303)


@pages.post("/sign-out")
@needs(PUBLIC)
def leave() -> Response:
    refuse_elsewhere()
    session.clear()
    return redirect(url_for("sign_in.form"), 303)


def refuse_elsewhere() -> None:
    """In the other modes there is nothing to sign in to."""
    if services().settings.owner_mode != "private":
        raise Refusal("not_found")


def show_form(wanted: str, complaint: str = "") -> str:
    return render_template("pages/sign-in.html", wanted=wanted, complaint=complaint)
