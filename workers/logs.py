"""Logs as one JSON object a line: what a machine can search and a person can still read.

While a worker is about a job, every line carries the ids of job, attempt and the request that made
it, whichever module writes it.
"""

import json
import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

# What every record has; anything else was given by `extra=` and belongs in the line.
USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

about_job: ContextVar[Mapping[str, Any]] = ContextVar("about_job", default={})  # noqa: B039
"""What this thread is about: job, attempt and request."""


class JsonLines(logging.Formatter):
    """time (RFC 3339, UTC), level, logger, message, what `extra=` gave, and a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in USUAL}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def log_as_json(level: int = logging.INFO) -> None:
    """Send everything from `level` up to stderr, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(name_job)
    logging.basicConfig(level=level, handlers=[handler], force=True)


def name_job(record: logging.LogRecord) -> bool:
    """Give the line what this thread is about; what the line says itself has precedence."""
    for name, value in about_job.get().items():
        vars(record).setdefault(name, value)
    return True
