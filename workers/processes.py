"""The command lines of the workers: one for quick work, one for slow work, one for trainings.

Each is a Celery parent process, which loads no torch, with one child that works: a device
is used best by one process, and on a CPU torch takes all cores by itself. What is different where
trainings are made is in workers/lifecycle.py.
"""

import sys
from collections.abc import Mapping

from workers.jobs import GPU, GPU_QUEUES, QUEUES


def worker_command(queue: str, concurrency: int = 1, gpu: bool = False) -> list[str]:
    """What starts the worker of one queue. %h stands for the host's name.

    With a GPU it also takes the messages that are sent to such workers alone.
    """
    queues = [GPU + queue, queue] if gpu and GPU + queue in GPU_QUEUES else [queue]
    return [
        sys.executable, "-m", "celery", "-A", "workers.celery", "--quiet", "worker",
        "--queues", ",".join(queues), "--hostname", f"{queue}@%h",
        "--concurrency", str(concurrency),
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def worker_commands() -> Mapping[str, list[str]]:
    """The commands of all workers by name: `quick`, `slow`, `training`."""
    return {queue: worker_command(queue) for queue in QUEUES}
