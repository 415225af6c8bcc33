"""What an operator sees: a line of JSON a request, and whether this process is alive and ready."""

import logging
import re
import secrets
import sys
import tempfile
import time

from flask import Blueprint, Flask, Response, g, has_request_context, jsonify, request

from app.services import services
from workers.heartbeat import worker_seen
from workers.logs import JsonLines
from workers.store import StoreDown

probes = Blueprint("probes", __name__)
log = logging.getLogger("app.requests")
REQUEST_ID = re.compile(r"[\w-]{8,64}")


def install(app: Flask) -> None:
    """Logs as JSON lines, unless whoever embeds us has arranged for logs already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(name_request)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    app.before_request(start_clock)
    app.after_request(write_line)
    app.register_blueprint(probes)


def name_request(record: logging.LogRecord) -> bool:
    """Every line that a request causes, in whatever module, carries the request's id."""
    if has_request_context():
        record.request = request_id()
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
        "path": request.path,
        "status": response.status_code,
        "milliseconds": round(1000 * spent, 1),
    }
    log.info("request", extra=about)
    return response


@probes.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return jsonify(alive=True)


@probes.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether a painting that is handed in now would be painted, and what is missing if not."""
    checks = {
        "store": store_answers(),
        "artifacts": artifacts_take_files(),
        "worker": worker_was_seen(),
    }
    return jsonify(checks), 200 if all(checks.values()) else 503


def store_answers() -> bool:
    try:
        return bool(services().redis.ping())
    except StoreDown:
        return False


def artifacts_take_files() -> bool:
    folder = services().workers.artifacts
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ready")
    except OSError:
        return False
    return True


def worker_was_seen() -> bool:
    try:
        return worker_seen(services().redis)
    except StoreDown:
        return False
