"""What whoever has a link sees of a job: what came of it, and nothing else.

No cookie is set, no other address of the job is told, and nobody is told from where one came.
"""

import re
from typing import Any

from flask import Blueprint, Flask, Response, make_response, render_template, request, url_for

from app.downloads import PICTURES, answer_table, formats_beside, send_painting
from app.errors import Refusal, write_with
from app.jobs import painting, shown
from app.keys import PUBLIC, needs
from app.pages import observation
from app.pictures import send_picture
from app.shares import seen_by_link
from workers.jobs import Job

pages = Blueprint("shared", __name__)
ADDRESSES = re.compile("/shared(/.*)?")
HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def install(app: Flask) -> None:
    write_with(app, ADDRESSES, gone)
    app.after_request(keep_to_yourself)
    app.register_blueprint(pages)


def keep_to_yourself(response: Response) -> Response:
    """Failures as well: the address of a link that ended is not passed on either."""
    if ADDRESSES.fullmatch(request.path):
        response.headers.update(HEADERS)
    return response


def gone(refusal: Refusal) -> Response:
    """The page of a failure: whether there was ever a link is not to be seen."""
    page = render_template("pages/not-shared.html", refusal=refusal)
    return make_response(page, refusal.status)


@pages.get("/shared/<token>")
@needs(PUBLIC)
def show(token: str) -> str:
    job = seen_by_link(token)
    about = named(job, token) if job.kind == "species" else painted(job, token)
    return render_template("pages/shared.html", **about)


@pages.get("/shared/<token>/picture")
@needs(PUBLIC)
def picture(token: str) -> Response:
    """The painting; with `download` as a file to keep, in a `format` too. Raises `Refusal`."""
    made = painting(job := seen_by_link(token))
    format = request.args.get("format", "")
    if made is None or format not in ("", *PICTURES):
        raise Refusal("not_found")
    if format:
        return send_painting(job, made, format, "merian-painting")
    if "download" in request.args:
        name = f"merian-painting{made.ending}"
        return send_picture(made.key, made.media_type, str(job.version), name)
    made = shown(job, made)
    return send_picture(made.key, made.media_type, str(job.version))


@pages.get("/shared/<token>/names.csv")
@needs(PUBLIC)
def names(token: str) -> Response:
    """What was named, as a table to keep. Raises `Refusal`."""
    job = seen_by_link(token)
    if job.kind != "species" or not job.result:
        raise Refusal("not_found")
    response = Response(answer_table(job.result), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="merian-names.csv")
    return response


@pages.get("/shared/<token>/photographs/<name>")
@needs(PUBLIC)
def photograph(token: str, name: str) -> Response:
    """What was painted or named, if its owner shows it. Raises `Refusal`."""
    job = seen_by_link(token)
    if name not in photographs_of(job):
        raise Refusal("not_found")
    return send_picture(job.inputs[name], "image/jpeg", name)


def photographs_of(job: Job) -> list[str]:
    """The names of the inputs that a link shows. Never a style: it may be somebody else's."""
    if job.share is None or not job.share.photographs:
        return []
    return [name for name in job.inputs if name.partition("-")[0] in ("content", "image")]


def painted(job: Job, token: str) -> dict[str, Any]:
    """What the page says of a painting. Raises `Refusal`."""
    made = painting(job)
    if made is None:
        raise Refusal("not_found")
    before = url_for("shared.photograph", token=token, name="content")
    address = url_for("shared.picture", token=token)
    return {
        "kind": "art",
        "made": made,
        "before": before if photographs_of(job) else "",
        "address": address,
        "formats": formats_beside(made),
    }


def named(job: Job, token: str) -> dict[str, Any]:
    """What the page says of a named photograph. Raises `Refusal`."""
    said = dict(job.result or {})
    if not said:
        raise Refusal("not_found")
    allowed = photographs_of(job)
    return {
        "kind": "species",
        "names": url_for("shared.names", token=token),
        "heading": observation.title(said),
        "lead": "" if said["rejected"] else observation.sentence(said),
        "said": said,
        "photographs": [
            each
            | {"url": url_for("shared.photograph", token=token, name=each["name"]), "heatmap": ""}
            for each in observation.photographs(job)
            if each["name"] in allowed
        ],
    }
