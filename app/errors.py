"""Every way in which a request can fail, and the one place that answers it.

Pages get a page, the API gets problem+json (RFC 9457), a façade what its clients know.
"""

import errno
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from flask import Flask, Response, current_app, g, json, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from app.pages.advice import advice, way_on
from models.options import InvalidOption
from models.species.card import CardInvalid
from models.species.registry import UnknownModel
from models.style.forecast import NotEnoughMemory
from workers.artifacts import ArtifactMissing, ArtifactsDown, ArtifactsRefused, StoreFull
from workers.ledger import IdempotencyConflict, InvalidCursor, JobNotFound, OwnerFull, QueueFull
from workers.store import StoreDown

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """One kind of failure: `meaning` is the sentence where there is none more exact."""

    status: HTTPStatus
    meaning: str


# One line a code; a test holds docs/api.md to this table.
KINDS = {
    "bad_request": Kind(HTTPStatus.BAD_REQUEST, "The request could not be understood."),
    "unknown_host": Kind(HTTPStatus.BAD_REQUEST, "This server does not answer to that host name."),
    "form_expired": Kind(HTTPStatus.BAD_REQUEST, "The form was open for too long. Send it again."),
    "key_needed": Kind(HTTPStatus.UNAUTHORIZED, "A key is needed here."),
    "invalid_key": Kind(HTTPStatus.UNAUTHORIZED, "The key is unknown, has expired or was removed."),
    "missing_scope": Kind(HTTPStatus.FORBIDDEN, "The key does not allow this."),
    "cross_site": Kind(HTTPStatus.FORBIDDEN, "Another site may not change anything here."),
    "not_found": Kind(HTTPStatus.NOT_FOUND, "There is nothing at this address."),
    "job_not_found": Kind(HTTPStatus.NOT_FOUND, "There is no such job, or it is not yours."),
    "no_preview": Kind(HTTPStatus.NOT_FOUND, "There is no preview yet."),
    "no_result": Kind(HTTPStatus.NOT_FOUND, "The job ended before there was a result."),
    "unknown_model": Kind(HTTPStatus.NOT_FOUND, "There is no model of that name."),
    "unknown_dataset": Kind(
        HTTPStatus.NOT_FOUND, "There is no data set of that name, or it is not yours."
    ),
    "unknown_label": Kind(HTTPStatus.NOT_FOUND, "The model has no class of that name."),
    "no_correction": Kind(HTTPStatus.NOT_FOUND, "Nobody has corrected this."),
    "model_damaged": Kind(HTTPStatus.CONFLICT, "The files of this model are damaged."),
    "model_exists": Kind(HTTPStatus.CONFLICT, "There is a model of that name already."),
    "model_packaged": Kind(HTTPStatus.CONFLICT, "This model is a part of Merian."),
    "not_yours": Kind(HTTPStatus.FORBIDDEN, "This model belongs to someone else."),
    "no_answer": Kind(HTTPStatus.CONFLICT, "There is no answer that could be corrected."),
    "not_shareable": Kind(
        HTTPStatus.CONFLICT, "Only finished paintings and named photographs can be shared."
    ),
    "method_not_allowed": Kind(
        HTTPStatus.METHOD_NOT_ALLOWED, "This address does not take that method."
    ),
    "not_ready": Kind(HTTPStatus.CONFLICT, "The job is not finished yet."),
    "already_finished": Kind(HTTPStatus.CONFLICT, "The job has ended and cannot be cancelled."),
    "too_large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The file or the request is too large."),
    "too_many_pixels": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The picture has too many pixels."
    ),
    "unsupported_media_type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the pictures as multipart/form-data."
    ),
    "not_a_picture": Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The file is not a picture."),
    "not_an_archive": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The file is not a ZIP archive, or it is damaged."
    ),
    "unsupported_format": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Pictures of this format cannot be used."
    ),
    "bad_range": Kind(
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "The file has no such range of bytes."
    ),
    "missing_picture": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "A picture is missing."),
    "missing_dataset": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Choose a ZIP archive of photographs or a data set."
    ),
    "too_many_pictures": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "There are too many pictures."),
    "empty_file": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The file is empty."),
    "truncated": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The picture is damaged or was cut off."),
    "too_small": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The picture is too small."),
    "too_costly": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The picture takes too much memory or time to read."
    ),
    "not_enough_memory": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The painting would take more memory than is allowed here."
    ),
    "unknown_sample": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "There is no sample of that name."),
    "mask_count": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "There must be one mask for each painting, or none."
    ),
    "invalid_option": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "An option is unknown, or its value is out of range."
    ),
    "invalid_parameter": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "A part of the address or a header cannot be used."
    ),
    "idempotency_conflict": Kind(
        HTTPStatus.CONFLICT,
        "This Idempotency-Key was sent before with another request.",
    ),
    "queue_full": Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many pictures are waiting. Try again in a while."
    ),
    "owner_full": Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "You have too many jobs waiting. Try again when some of them are done.",
    ),
    "rate_limited": Kind(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests. Try again in a while."),
    "busy": Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many files are coming in. Try again in a moment."
    ),
    "internal_error": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here. It has been written to the log.",
    ),
    "store_down": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "The job store cannot be reached. Try again in a moment."
    ),
    "artifacts_down": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "The pictures cannot be reached. Try again in a moment."
    ),
    "too_many_streams": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "Too many event streams are open. Ask for the job instead."
    ),
    "too_late": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "The answer takes too long. Try again in a while."
    ),
    "store_full": Kind(HTTPStatus.INSUFFICIENT_STORAGE, "There is no room left for pictures."),
}

# Failures of the layers below, in our words.
TRANSLATED: dict[type[Exception], str] = {
    JobNotFound: "job_not_found",
    OwnerFull: "owner_full",
    QueueFull: "queue_full",
    IdempotencyConflict: "idempotency_conflict",
    StoreDown: "store_down",
    StoreFull: "store_full",
    InvalidCursor: "invalid_parameter",
    ArtifactMissing: "not_found",
    ArtifactsDown: "artifacts_down",
    ArtifactsRefused: "artifacts_down",
}
RETRY_AFTER = {
    "queue_full": 30,
    "owner_full": 30,
    "busy": 10,
    "store_down": 5,
    "artifacts_down": 10,
    "too_many_streams": 5,
    "too_late": 30,
    "not_ready": 1,
    "no_preview": 1,
}
# What a client is told of keys (RFC 6750).
CHALLENGES = {
    "key_needed": "Bearer",
    "invalid_key": 'Bearer error="invalid_token"',
    "missing_scope": 'Bearer error="insufficient_scope"',
}
HTTP_CODES = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    416: "bad_range",
    415: "unsupported_media_type",
    500: "internal_error",
    503: "store_down",
}


class Refusal(Exception):
    """A request that cannot be met.

    `code` is a key of `KINDS`, `message` a sentence for people, `field` the form field at fault,
    `retry_after` the seconds after which it may be met, where that is known exactly.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.code = code
        self.retry_after = retry_after or RETRY_AFTER.get(code)
        self.message = message or KINDS[code].meaning
        self.field = field
        super().__init__(self.message)

    @property
    def status(self) -> HTTPStatus:
        return KINDS[self.code].status


Writer = Callable[[Refusal], Response]


def install(app: Flask) -> None:
    app.extensions["merian.writers"] = []
    app.register_error_handler(Exception, answer)


def write_with(app: Flask, addresses: re.Pattern[str], writer: Writer) -> None:
    """Have `writer` write failures at `addresses`, at those without a route, too."""
    app.extensions["merian.writers"].append((addresses, writer))


def answer(error: Exception) -> Response:
    """The one answer to anything that was raised."""
    if isinstance(error, HTTPException) and error.code and error.code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect is no failure
    refusal = as_refusal(error)
    g.refused = refusal.code
    response = writer()(refusal)
    response.cache_control.no_store = True
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    if refusal.code in CHALLENGES:
        response.headers["WWW-Authenticate"] = CHALLENGES[refusal.code]
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def as_refusal(error: Exception) -> Refusal:
    """What `error` means to the caller. What nobody foresaw is logged and stays vague."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, InvalidOption):
        return Refusal("invalid_option", str(error), error.name)
    if isinstance(error, NotEnoughMemory):
        return Refusal("not_enough_memory", str(error), "size")
    if isinstance(error, UnknownModel):
        return Refusal("unknown_model", str(error), "model")
    if isinstance(error, CardInvalid):
        return Refusal("model_damaged", str(error), "model")
    if isinstance(error, CSRFError):
        return Refusal("form_expired")
    if isinstance(error, StoreDown):
        log.warning("The job store cannot be reached: %s", error.__cause__)
    if isinstance(error, ArtifactsDown | ArtifactsRefused):
        log.warning("The artifacts cannot be reached: %s", error)
    for kind, code in TRANSLATED.items():
        if isinstance(error, kind):
            return Refusal(code)
    if isinstance(error, HTTPException):
        return Refusal(HTTP_CODES.get(error.code or 500, "bad_request"))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal("store_full")
    log.error("An error that nothing foresaw", exc_info=error)
    return Refusal("internal_error")


def writer() -> Writer:
    """Who writes failures at this address; of several the first that said so."""
    for addresses, write in current_app.extensions["merian.writers"]:
        if addresses.fullmatch(request.path):
            return cast(Writer, write)
    return problem if request.path.startswith("/api/") else page


def problem(refusal: Refusal) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": refusal.status.phrase,
        "status": int(refusal.status),
        "detail": refusal.message,
        "code": refusal.code,
    }
    if refusal.field:
        body["field"] = refusal.field
    return Response(json.dumps(body), refusal.status, mimetype="application/problem+json")


def page(refusal: Refusal) -> Response:
    shown = render_template(
        "pages/error.html",
        refusal=refusal,
        advice=advice(refusal.code, int(refusal.status)),
        way_on=way_on(refusal.code),
        again=request.full_path.rstrip("?") if may_repeat(refusal) else "",
        number=g.get("request_id") if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "",
    )
    return make_response(shown, refusal.status)


def may_repeat(refusal: Refusal) -> bool:
    """Whether the same question may be answered later, and asking it again changes nothing."""
    passing = refusal.retry_after or refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return request.method == "GET" and bool(passing)


def invalid_parameter(error: ValidationError) -> Response:
    """flask-openapi3's answer to a path, query or header that its schema does not take."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    return answer(Refusal("invalid_parameter", f"{name}: {first['msg']}", name))
