"""Puts right what went wrong: every worker's parent process runs one in a thread.

At each pass it takes jobs from workers that died or fell silent. About every ten seconds one
janitor of all, whoever is first, sends messages that were lost again, removes what is old, and has
each queue's worker show that it takes work.
When its worker is told to end, it gives back the jobs that its children hold.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable

from workers.artifacts import ArtifactsDown, ArtifactsRefused
from workers.audit import Why
from workers.canaries import send_canaries
from workers.celery import BROKER_PREFIX
from workers.census import take_census
from workers.checkpoints import tidy
from workers.counters import count
from workers.holders import Holder
from workers.jobs import QUEUES, State
from workers.ledger import JobNotFound
from workers.removal import remove_job, remove_left
from workers.silence import Silence
from workers.store import StoreDown
from workers.submit import wake
from workers.workshop import Workshop

log = logging.getLogger(__name__)

PASS_SECONDS = 5.0
TURN_SECONDS = 9
LOST_MESSAGE_SECONDS = 15.0
ORPHANS_SECONDS = 3600.0
DAY = 24 * 3600.0
CLOCK_JUMP = 2 * 3600.0  # a clock that goes wrong by an hour removes nothing before its time


class Janitor:
    """`start` at the worker's start, `leave` when it is told to end."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.ending = threading.Event()
        self.swept = 0.0
        self.silence = Silence(shop.ledger.lease_seconds, longest_gap=2 * PASS_SECONDS)
        self.thread = threading.Thread(target=self._live, name="janitor")

    def start(self) -> None:
        self.thread.start()

    def leave(self) -> None:
        """Return at once; the thread gives the jobs back and ends."""
        self.ending.set()

    def _live(self) -> None:
        while not self.ending.is_set():
            self._calmly(self.look)
            self.ending.wait(PASS_SECONDS)
        self._calmly(self.give_back)

    def _calmly(self, work: Callable[[], None]) -> None:
        """A janitor outlives whatever it meets."""
        try:
            work()
        except (StoreDown, ArtifactsDown, ArtifactsRefused) as down:
            log.warning("the store is away", extra={"why": str(down)})
        except Exception:
            log.exception("the janitor stumbled")

    def look(self) -> None:
        """One pass."""
        self.rescue()
        self.shop.store.sweep()
        if self.shop.ledger.my_turn("janitor", TURN_SECONDS):
            send_canaries(self.shop.ledger.redis, take_census(self.shop.ledger))
            self.remind()
            self.expire()
            tidy(self.shop.ledger, self.shop.store)
            remove_left(self.shop.ledger, self.shop.store)

    def rescue(self) -> None:
        """Give on the jobs of workers that fell silent, at once where they are known to be dead."""
        everything = self.shop.ledger.held()
        silent = self.silence.watch(everything)
        for held in everything:
            dead = Holder.parse(held.holder).is_dead
            if not (dead or held in silent):
                continue
            state = self.shop.ledger.reclaim(held, anyway=dead)
            if state:
                log.warning("a worker was lost", extra={"job": held.id, "state": state.value})
            if state is State.QUEUED:
                self._wake(held.id)

    def remind(self) -> None:
        """Send a message again for jobs that wait in vain: the queue may lose some."""
        for queue in QUEUES:
            broker = BROKER_PREFIX + queue
            for id in self.shop.ledger.unpublished(queue, LOST_MESSAGE_SECONDS, broker):
                log.warning("a message was lost", extra={"job": id})
                self._wake(id)

    def expire(self) -> None:
        """Remove jobs that ended long ago; now and then also pictures of which no job is known."""
        old = time.time() - self.shop.settings.keep_days * DAY - CLOCK_JUMP
        for id in self.shop.ledger.finished_before(old):
            self._remove(id)
        if time.monotonic() - self.swept > ORPHANS_SECONDS or not self.swept:
            self.swept = time.monotonic()
            for folder in self.shop.store.untouched("jobs", old):
                if not self.shop.ledger.knows(folder.removeprefix("jobs/")):
                    self.shop.store.delete_prefix(folder)
                    count(self.shop.ledger.redis, "removed orphan")
            self.sweep_models()

    def sweep_models(self) -> None:
        """What a process left that was killed while it put a model in its place or removed one."""
        for pattern in (".model-*", ".removed-*"):
            for folder in self.shop.settings.data.glob(pattern):
                if time.time() - folder.stat().st_mtime > DAY:
                    shutil.rmtree(folder, ignore_errors=True)

    def give_back(self) -> None:
        """The jobs of this worker's children: queued again at once, and no attempt is counted."""
        for held in self.shop.ledger.held():
            if Holder.parse(held.holder).is_our_child and self.shop.ledger.release(held):
                log.info("given back", extra={"job": held.id})
                self._wake(held.id)

    def _remove(self, id: str) -> None:
        try:
            job = self.shop.ledger.get(id)
        except JobNotFound:  # its owner was quicker
            return
        shop = self.shop
        remove_job(shop.ledger, shop.store, shop.settings.data, job, Why.EXPIRED)

    def _wake(self, id: str) -> None:
        try:
            job = self.shop.ledger.get(id)
        except JobNotFound:
            return
        wake(job.id, job.kind, job.queue)
