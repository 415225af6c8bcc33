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


def test_lines_of_any_module_name_what_the_thread_is_about() -> None:
    code = """
import logging
from contextvars import copy_context
from concurrent.futures import ThreadPoolExecutor
from workers.logs import about_job, log_as_json
log_as_json()
token = about_job.set({"job": "j", "attempt": 2, "request": "r"})
logging.getLogger("models.style").warning("inside")
logging.getLogger("x").warning("its own", extra={"job": "other"})
with ThreadPoolExecutor(1) as threads:
    threads.submit(copy_context().run, logging.getLogger("y").warning, "in another thread").result()
about_job.reset(token)
logging.getLogger("x").warning("after")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    inside, own, thread, after = [json.loads(line) for line in done.stderr.splitlines()]
    for line in (inside, thread):
        assert (line["job"], line["attempt"], line["request"]) == ("j", 2, "r")
    assert (own["job"], own["attempt"]) == ("other", 2)
    assert "job" not in after and "request" not in after
