"""What surrounds the work on one job: the lease, the ways in which it ends, the log.

if attempt := shop.ledger.take(id, str(Holder.here())):
    with running(attempt, shop.store):
        attempt.succeed(work(attempt))
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from workers import logs
from workers.artifacts import ArtifactsDown, ArtifactStore
from workers.attempts import Attempt, Cancelled, JobGone, LeaseLost
from workers.failures import explain
from workers.ledger import JobNotFound
from workers.removal import remove_artifacts
from workers.store import StoreDown

log = logging.getLogger(__name__)

# The ledger is asked at least this often whether the attempt goes on, so that a cancelled job
# frees its worker within two seconds, and a lease of 30 s never runs out.
HEARTBEAT_SECONDS = 1.0
# How long a refused attempt may take to leave by itself.
GRACE_SECONDS = 0.7


@contextmanager
def running(attempt: Attempt, store: ArtifactStore, brief: bool = False) -> Iterator[None]:
    """Hold the lease during the block; whatever way it ends, the ledger learns of it.

    `brief` work that may not go on ends by itself soon; other work is left in mid-step.
    """
    about = {"job": attempt.job.id, "attempt": attempt.number}
    token = logs.about_job.set(about | {"request": attempt.job.request})
    log.info("begun", extra=about)
    started = time.monotonic()
    try:
        with heartbeat(attempt, store, brief):
            try:
                yield
            except (Cancelled, LeaseLost, StoreDown, ArtifactsDown):
                raise
            except Exception as error:
                failure = explain(error)
                log.warning("failed", extra=about | {"code": failure.code})
                attempt.fail(failure)
    except JobGone:
        remove_artifacts(attempt.ledger, store, attempt.job.folder)
        log.info("removed while it ran", extra=about)
    except Cancelled:
        log.info("cancelled", extra=about)
    except LeaseLost:
        leave_nothing(attempt, store)
        log.warning("taken over by another worker", extra=about)
    except StoreDown:
        # Nobody can be told. The lease runs out, and the janitor gives the job to another.
        log.error("the ledger cannot be reached; the attempt ends", extra=about)
    except ArtifactsDown as down:
        # Another host, or this one later, may reach them: nobody is woken before the janitor does.
        with suppress(Cancelled, LeaseLost, StoreDown):
            attempt.release()
        log.error(
            "the artifacts cannot be reached; the job waits", extra=about | {"why": str(down)}
        )
    log.info("ended", extra=about | {"seconds": round(time.monotonic() - started, 3)})
    logs.about_job.reset(token)


def leave_nothing(attempt: Attempt, store: ArtifactStore) -> None:
    """Remove what an overtaken attempt wrote, but for the preview where it is shown still."""
    shown: Any = None
    with suppress(JobNotFound, StoreDown):
        shown = attempt.ledger.get(attempt.job.id).preview
    with suppress(ArtifactsDown):  # it goes with the job
        for key in store.below(attempt.folder):
            if not shown or key != shown.get("key"):
                store.delete(key)


@contextmanager
def heartbeat(attempt: Attempt, store: ArtifactStore, brief: bool = False) -> Iterator[None]:
    """Renew the lease from a thread while the block says nothing to the ledger."""
    over = threading.Event()
    about = (attempt, store, over, brief)
    thread = threading.Thread(target=beat, args=about, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def beat(attempt: Attempt, store: ArtifactStore, over: threading.Event, brief: bool) -> None:
    pause = HEARTBEAT_SECONDS
    while not over.wait(pause):
        silent = time.monotonic() - attempt.heard
        pause = HEARTBEAT_SECONDS - silent
        if pause > 0:
            continue
        pause = HEARTBEAT_SECONDS
        if attempt.ending:
            continue
        try:
            attempt.renew()
        except StoreDown:
            log.warning("the lease could not be renewed", extra={"job": attempt.job.id})
        except (Cancelled, LeaseLost) as refused:
            if attempt.ending:  # refused because it is over: the last word came first
                continue
            attempt.refused = refused
            if not brief and not over.wait(GRACE_SECONDS):
                if isinstance(refused, LeaseLost):
                    leave_nothing(attempt, store)
                abandon(attempt)
            return


def abandon(attempt: Attempt) -> None:
    """End this process: one step of a large painting takes many seconds and hears nothing.

    The pool starts another in its place; the ledger has already given the job away.
    """
    log.warning("left in mid-step", extra={"job": attempt.job.id, "attempt": attempt.number})
    for handler in logging.getLogger().handlers:
        handler.flush()
    os.kill(os.getpid(), signal.SIGKILL)
