"""Coroutines for those who are none: a thread of its own runs them, whoever asks waits.

gevent, which serves the web, replaces threads, locks and selectors by its own, and an asyncio loop
does not outlive that: measured, its callers were never woken. So the loop's thread and selector
are the system's, and a greenlet that waits is woken by a watcher of its own hub.
"""

import asyncio
import os
import selectors
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


class Wire:
    """A loop in a thread, for the process that made it: threads do not survive a fork."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.cooperative = cooperative()
        self.loop = Loop(selector(self.cooperative))
        self.loop.set_default_executor(AtOnce())
        self._thread = start(self._live, self.cooperative)

    def ask(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """What the coroutine returns or raises. Others have their turn meanwhile."""
        if self.cooperative:
            return self._ask_from_greenlet(coroutine)
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def end(self, last: Coroutine[Any, Any, None]) -> None:
        """Run a last coroutine, and stop; wait for a second at most."""

        async def leave() -> None:
            try:
                await last
            finally:
                self.loop.stop()

        self.loop.call_soon_threadsafe(lambda: self.loop.create_task(leave()))
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(1.0)

    def _live(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _ask_from_greenlet(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        from gevent import get_hub
        from gevent.event import Event

        done: list[asyncio.Task[Result]] = []
        woken = Event()
        watcher = get_hub().loop.async_()

        def begin() -> None:
            task = self.loop.create_task(coroutine)
            task.add_done_callback(end)

        def end(task: asyncio.Task[Result]) -> None:
            done.append(task)
            watcher.send()

        watcher.start(woken.set)
        try:
            self.loop.call_soon_threadsafe(begin)
            woken.wait()
        finally:
            watcher.stop()
        watcher.close()  # not where the wait broke off: a word is still to come
        return done[0].result()


class AtOnce(ThreadPoolExecutor):
    """Does what it is given where it is given: a thread of a pool would be a greenlet here."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*given, **named))
        except Exception as failure:
            future.set_exception(failure)
        return future


class Loop(asyncio.SelectorEventLoop):
    """Names are looked up by the system, and not by a hub that nobody runs in this thread."""

    async def getaddrinfo(
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        if not cooperative():
            return await super().getaddrinfo(
                host, port, family=family, type=type, proto=proto, flags=flags
            )
        from gevent.monkey import get_original

        return get_original("socket", "getaddrinfo")(host, port, family, type, proto, flags)


def cooperative() -> bool:
    """Whether gevent has put its own in place of the system's threads."""
    monkey: Any = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def selector(original: bool) -> selectors.BaseSelector:
    """The system's best; what `DefaultSelector` was before gevent came, where it did."""
    if not original:
        return selectors.DefaultSelector()
    from gevent.monkey import get_original

    kind: type[selectors.BaseSelector] = get_original("selectors", "DefaultSelector")
    return kind()


def start(work: Callable[[], None], original: bool) -> threading.Thread | None:
    """In a thread of the system's that ends with the process; of gevent's kind there is none."""
    if not original:
        thread = threading.Thread(target=work, name="wire", daemon=True)
        thread.start()
        return thread
    from gevent.monkey import get_original

    get_original("_thread", "start_new_thread")(work, ())
    return None
