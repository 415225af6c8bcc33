"""Puts right what went wrong: every worker's parent process runs one in a thread.

At each pass it takes jobs from workers that died or fell silent. About every ten seconds one
janitor of all, whoever is first, sends messages that were lost again, removes what is old, and has
each queue's worker show that it takes work.
It tells that its worker is there, and hears whether it shall leave. A worker that is told to end
has MERIAN_DRAIN_SECONDS for what its children hold; the janitor gives back what is left then.
"""

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from workers.artifacts import ArtifactsDown, ArtifactsRefused
from workers.audit import Why
from workers.canaries import send_canaries
from workers.census import take_census
from workers.checkpoints import tidy
from workers.counters import count
from workers.fleet import Member, announce, sign_off
from workers.holders import Holder
from workers.jobs import QUEUES, State
from workers.ledger import JobNotFound
from workers.removal import remove_job, remove_left
from workers.routes import give_to_all, lists_of
from workers.silence import Silence
from workers.store import StoreDown
from workers.submit import send
from workers.workshop import Workshop

log = logging.getLogger(__name__)

PASS_SECONDS = 5.0
TURN_SECONDS = 9
LOST_MESSAGE_SECONDS = 15.0
ORPHANS_SECONDS = 3600.0
DAY = 24 * 3600.0
CLOCK_JUMP = 2 * 3600.0  # a clock that goes wrong by an hour removes nothing before its time


class Janitor:
    """`start` at the worker's start, `leave` when it is told to end, `end` when it has ended."""

    def __init__(self, shop: Workshop, member: Member | None = None) -> None:
        self.shop = shop
        self.member = member or Member.here(())
        self.grace = float(shop.settings.drain_seconds)
        self.told: float | None = None
        """When it was told to end."""
        self.moved = threading.Event()
        self.ended = threading.Event()
        self.swept = 0.0
        self.silence = Silence(shop.ledger.lease_seconds, longest_gap=2 * PASS_SECONDS)
        self.thread = threading.Thread(target=self._live, name="janitor")

    def start(self) -> None:
        self.thread.start()

    def leave(self) -> None:
        """Return at once; what is held when the grace is over, the thread gives back."""
        if self.told is None:  # told twice, it has no more time
            self.told = time.monotonic()
        self.member = replace(self.member, going=True)
        self.moved.set()

    def end(self) -> None:
        """The worker has ended, or is about to; so may the thread."""
        self.ended.set()
        self.moved.set()

    @property
    def grace_left(self) -> float:
        """Seconds until what is held is given back."""
        return float("inf") if self.told is None else self.told + self.grace - time.monotonic()

    def _live(self) -> None:
        while not self.ended.is_set() and self.grace_left > 0:
            self._calmly(self.look)
            self.moved.wait(min(PASS_SECONDS, max(self.grace_left, 0)))
            self.moved.clear()
        self._calmly(self.give_back)
        # The main thread may die without a word; then nobody says that it has ended.
        while threading.main_thread().is_alive() and not self.ended.wait(1.0):
            self._calmly(self.report)
        self._calmly(lambda: sign_off(self.shop.ledger, self.member))

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
        self.report()
        self.rescue()
        self.shop.store.sweep()
        if self.shop.ledger.my_turn("janitor", TURN_SECONDS):
            census = take_census(self.shop.ledger)
            send_canaries(self.shop.ledger.redis, census)
            give_to_all(self.shop.ledger.redis, census)
            self.remind()
            self.expire()
            tidy(self.shop.ledger, self.shop.store)
            remove_left(self.shop.ledger, self.shop.store)

    def report(self) -> None:
        """Tell that this worker is there. Asked to leave, it goes as if it was told by a signal."""
        asked = announce(self.shop.ledger, self.member)
        if asked is None:
            return
        self.grace = asked
        if self.told is None:
            log.info("asked to leave", extra={"grace": asked})
            os.kill(os.getpid(), signal.SIGTERM)

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
            brokers = lists_of(queue)
            for id in self.shop.ledger.unpublished(queue, LOST_MESSAGE_SECONDS, *brokers):
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
        send(self.shop.ledger, job)
