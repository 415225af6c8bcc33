"""One reader of a job's events for all who watch it.

Two hundred watchers that each asked the store would wake it, and this process, two hundred times
for each step of a painting.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from workers.events import Event, EventLog
from workers.ledger import JobNotFound, Ledger
from workers.store import StoreDown

WAIT_MS = 5000
KEPT = 64
"""Events that a channel remembers; who is further behind reads them from the store."""


def order(id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in id.split("-"))


class Channel:
    """What happens to one job while somebody watches."""

    def __init__(self, events: EventLog, job_id: str) -> None:
        self.events = events
        self.job_id = job_id
        self.watchers = 0
        self.last = self.floor = events.last(job_id)
        """The newest event; the newest of those that are not in `recent` any more."""
        self.recent: deque[Event] = deque()
        self.gone: JobNotFound | StoreDown | None = None
        self.changed = threading.Condition()

    def after(self, id: str, seconds: float) -> list[Event]:
        """Events after `id`, oldest first; waits up to `seconds` for one.

        Raises `JobNotFound`, `StoreDown`.
        """
        if order(id) < order(self.floor) and (missed := self.events.read(self.job_id, id)):
            return missed
        with self.changed:
            # Of a job that is removed there may be nothing to give though it is not known yet.
            if not self.gone and not self._since(id):
                self.changed.wait(seconds)
            found = self._since(id)
            if self.gone and not found:
                raise self.gone
        return found

    def _since(self, id: str) -> list[Event]:
        return [event for event in self.recent if order(event.id) > order(id)]

    def tell(self, events: list[Event]) -> None:
        with self.changed:
            for event in events:
                self.recent.append(event)
                self.last = event.id
                if len(self.recent) > KEPT:
                    self.floor = self.recent.popleft().id
            self.changed.notify_all()

    def end(self, why: JobNotFound | StoreDown) -> None:
        with self.changed:
            self.gone = why
            self.changed.notify_all()


class Channels:
    """Those that somebody watches, by job."""

    def __init__(self, events: EventLog, ledger: Ledger) -> None:
        self.events = events
        self.ledger = ledger
        self.open: dict[str, Channel] = {}
        self._lock = threading.Lock()

    @contextmanager
    def joined(self, job_id: str) -> Iterator[Channel]:
        """The job's channel as long as the block lasts. Raises `StoreDown`."""
        with self._lock:
            if (channel := self.open.get(job_id)) is None:
                channel = self.open[job_id] = Channel(self.events, job_id)
                threading.Thread(target=self._read, args=(channel,), daemon=True).start()
            channel.watchers += 1
        try:
            yield channel
        finally:
            with self._lock:
                channel.watchers -= 1

    def _read(self, channel: Channel) -> None:
        """Until nobody watches any more, or job or store are gone."""
        try:
            while self._is_watched(channel):
                if events := self.events.read(channel.job_id, channel.last, WAIT_MS):
                    channel.tell(events)
                else:
                    self.ledger.get(channel.job_id)
        except (JobNotFound, StoreDown) as gone:
            with self._lock:
                self._forget(channel)
            channel.end(gone)

    def _is_watched(self, channel: Channel) -> bool:
        with self._lock:
            if not channel.watchers:
                self._forget(channel)
            return bool(channel.watchers)

    def _forget(self, channel: Channel) -> None:
        """Who comes now gets another."""
        if self.open.get(channel.job_id) is channel:
            del self.open[channel.job_id]
