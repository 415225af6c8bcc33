"""What an operator sees of a request: a line of JSON, and its place among the numbers."""

import logging
import re
import secrets
import sys
import time

from flask import Flask, Response, current_app, g, has_request_context, request

from app import metrics, probes
from app.tally import Tally
from workers.logs import JsonLines

log = logging.getLogger("app.requests")
SECRET_PATH = re.compile(r"(?<=^/shared/)[^/]+")
"""Who knows the address of a shared picture may see it: no log holds it."""
REQUEST_ID = re.compile(r"[\w-]{8,64}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def install(app: Flask) -> None:
    """Logs as JSON lines, unless whoever embeds us has arranged for logs already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(name_request)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("gunicorn.error").addFilter(hide_requests)
    app.before_request(start_clock)
    app.after_request(write_line)
    app.after_request(add_to_tally)
    app.extensions["merian.tally"] = Tally(app.extensions["merian"].redis)
    app.register_blueprint(probes.blueprint)
    app.register_blueprint(metrics.blueprint)


def name_request(record: logging.LogRecord) -> bool:
    """Every line that a request causes, in whatever module, carries the request's id."""
    if has_request_context():
        record.request = request_id()
    return True


def hide_requests(record: logging.LogRecord) -> bool:
    """gunicorn writes down what it cannot read, or fails at, and with it perhaps a key."""
    text = record.getMessage()
    for known in ("Invalid request from ip=", "Error handling request"):
        if text.startswith(known):
            record.msg, record.args = known.partition(" from ")[0], ()
    return True


def request_id() -> str:
    """The id that a proxy gave this request, else one of ours."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    return str(g.request_id)


def start_clock() -> None:
    g.started = time.monotonic()


def write_line(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    spent = time.monotonic() - g.get("started", time.monotonic())
    about = {
        "method": request.method,
        "path": SECRET_PATH.sub("…", request.path),
        "status": response.status_code,
        "milliseconds": round(1000 * spent, 1),
    }
    log.info("request", extra=about)
    return response


def add_to_tally(response: Response) -> Response:
    """By route and not by address: there are as many addresses as anyone likes to call."""
    tally: Tally = current_app.extensions["merian.tally"]
    method = request.method if request.method in METHODS else "other"
    where = f"{method} {request.url_rule.rule if request.url_rule else 'none'}"
    spent = time.monotonic() - g.get("started", time.monotonic())
    counts = {f"requests {where} {response.status_code}": 1, f"request_seconds {where}": spent}
    if "refused" in g:
        counts[f"refusals {g.refused}"] = 1
    streams = response.mimetype == "text/event-stream"
    tally.add(counts, streams=int(streams))
    if streams:
        response.call_on_close(lambda: tally.add({}, streams=-1))
    return response
