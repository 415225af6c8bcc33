"""What happens when a worker begins and ends; Celery imports this in workers only.

It is not in workers/celery.py, because the web imports that one to send messages, and nothing
the web imports may lead to torch.
"""

from typing import Any

from celery import signals

from workers.janitor import Janitor
from workers.workshop import workshop


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def begin(**about: Any) -> None:
    """In the parent process, once it listens."""
    janitor = Janitor(workshop())
    janitor.start()
    signals.worker_shutting_down.connect(lambda **about: janitor.leave(), weak=False)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def warm_up(**about: Any) -> None:
    """In the child that paints, before its first job."""
    # Here and not above: this loads torch, and the parent process does without.
    from workers.loaded import preload

    preload()
