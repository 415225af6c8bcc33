"""Links by which anybody may see what came of a job, until its owner ends them or the job goes.

A link's token is 256 random bits and is told once, when it is made; Redis keeps its SHA-256, as of
keys. A job has one link at most: a new one ends the one before. The job's record knows its link, so
that both go in the same step.
"""

import hashlib
import re
import secrets

from workers.jobs import Job
from workers.ledger import JobNotFound, Ledger

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def share(ledger: Ledger, id: str, photographs: bool) -> str:
    """The token of a new link to the job. `photographs`: they are seen with it.

    Raises `JobNotFound`, `StoreDown`.
    """
    token = secrets.token_urlsafe(32)
    if not ledger.run("share", id, digest_of(token), int(photographs)):
        raise JobNotFound(id)
    return token


def unshare(ledger: Ledger, id: str) -> None:
    """End the job's link; where there is none, nothing changes. Raises `StoreDown`."""
    ledger.run("share", id, "", 0)


def shared_job(ledger: Ledger, token: str) -> Job:
    """The job that the link shows. Raises `JobNotFound` for whatever is no link, `StoreDown`."""
    if not TOKEN.fullmatch(token):
        raise JobNotFound
    digest = digest_of(token)
    id = ledger.redis.get(f"merian:share:{digest}")
    job = ledger.get(str(id or ""))
    if job.share is None or job.share.digest != digest:  # ended while we looked
        raise JobNotFound
    return job


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
