"""Who removed what, when and why: one line each in the log and in MERIAN_DATA/audit.log.

The file is only ever appended to. It names no pictures and no owners: an owner's name opens what
is theirs, so a short digest stands for it, the same for the same owner.
"""

import hashlib
import json
import logging
import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

log = logging.getLogger("merian.audit")

FILE = "audit.log"
DIGITS = 12


class Why(StrEnum):
    """Whose wish it was."""

    OWNER = "owner"
    OPERATOR = "operator"
    EXPIRED = "expired"


def note_removal(data: Path, what: str, name: str, why: Why, owner: str = "") -> None:
    """Write down that `what` (job, model, correction) called `name` is gone.

    `data` is MERIAN_DATA. A disk that is full or gone keeps nobody from removing: the log has the
    line in any case.
    """
    about = {"what": what, "name": name, "why": why.value, "owner": digest(owner)}
    log.info("removed", extra={"removed": about})
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    try:
        append(data / FILE, json.dumps({"time": moment} | about) + "\n")
    except OSError as failure:
        log.error("the audit file cannot be written", extra={"why": str(failure)})


def append(path: Path, line: str) -> None:
    """One write at the end of the file: lines of several processes do not mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def digest(owner: str) -> str:
    """Stands for an owner; "" for none."""
    return hashlib.sha256(f"merian {owner}".encode()).hexdigest()[:DIGITS] if owner else ""
