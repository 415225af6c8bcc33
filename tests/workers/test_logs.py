"""Logs are JSON lines with what a search needs."""

import json
import logging
import subprocess
import sys
from datetime import datetime

from workers.logs import JsonLines


def test_a_line_has_when_what_and_about_which_job() -> None:
    record = logging.makeLogRecord(
        {"name": "workers.run", "levelno": 20, "levelname": "INFO", "msg": "begun %s"}
        | {"args": ("ä",), "job": "abc", "attempt": 2}
    )  # fmt: skip
    line = json.loads(JsonLines().format(record))
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {
        "level": "info", "logger": "workers.run", "message": "begun ä", "job": "abc", "attempt": 2,
    }  # fmt: skip


def test_an_error_carries_its_traceback_in_one_line() -> None:
    code = """
import logging
from workers.logs import log_as_json
log_as_json()
try:
    {}["gone"]
except KeyError:
    logging.getLogger("x").exception("it fell")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    [text] = done.stderr.splitlines()
    line = json.loads(text)
    assert (line["message"], line["level"]) == ("it fell", "error")
    assert "KeyError: 'gone'" in line["traceback"]
