"""What happens when a worker begins and ends; Celery imports this in workers only.

It is not in workers/celery.py, because the web imports that one to send messages, and nothing
the web imports may lead to torch.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from celery import signals
from celery.app.utils import Settings

from workers.artifacts import open_store
from workers.fleet import Member
from workers.janitor import Janitor
from workers.jobs import GPU
from workers.workshop import workshop

COLD = "WORKER_STAYS_COLD"
"""Set in the environment of a worker that loads nothing ahead; its child inherits it."""
MOST_KILOBYTES = 250_000
"""A child that grew beyond this ends with its task: without torch it has 76 MB, with it 600."""


@signals.celeryd_init.connect  # type: ignore[untyped-decorator]
def make_way(conf: Settings, options: Mapping[str, Any], **about: Any) -> None:
    """A worker for trainings alone leaves the processor to those who wait.

    Its child ends after each training, so that the memory is given back; canaries it outlives.
    """
    if {each.removeprefix(GPU) for each in options.get("queues") or ()} == {"training"}:
        os.nice(10)
        os.environ[COLD] = "1"
        conf.worker_max_memory_per_child = MOST_KILOBYTES


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def begin(sender: Any, **about: Any) -> None:
    """In the parent process, once it listens; `sender` is what listens."""
    # Artifacts elsewhere that do not answer are no reason to leave jobs with the dead.
    impatient = open_store(workshop().settings, patience=0.0)
    here = Member.here(list(sender.app.amqp.queues.consume_from))
    janitor = Janitor(replace(workshop(), store=impatient), here)
    janitor.start()
    signals.worker_shutting_down.connect(lambda **about: janitor.leave(), weak=False)
    signals.worker_shutdown.connect(lambda **about: janitor.end(), weak=False)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def warm_up(**about: Any) -> None:
    """In the child that paints, before its first job."""
    if COLD in os.environ:
        return
    # Here and not above: this loads torch, and the parent process does without.
    from workers.loaded import preload

    preload()
