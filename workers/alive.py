"""Asks the store whether queues have a worker that takes work: `python -m workers.alive slow`.

For the health check of a worker's container. Ends with 0 where each of the queues has, else with 1
and a sentence. What is asked is whether work gets done, not whether a process is there; of several
containers that take from one queue it does not tell which.
"""

import sys
from collections.abc import Sequence

from workers.census import take_census
from workers.embedded import redis_url
from workers.ledger import Ledger
from workers.settings import SettingError, WorkerSettings
from workers.store import StoreDown, connect


def ask(queues: Sequence[str], settings: WorkerSettings) -> str:
    """What is wrong, "" where nothing is."""
    try:
        consumed = take_census(Ledger(connect(redis_url(settings)))).consumed
    except StoreDown as down:
        return str(down)
    if unknown := [name for name in queues if name not in consumed]:
        return f"There is no queue {', '.join(unknown)}."
    silent = [name for name in queues if not consumed[name]]
    return f"Nobody takes work from {', '.join(silent)}." if silent else ""


def main(queues: Sequence[str]) -> str | int:
    try:
        return ask(queues, WorkerSettings.from_env()) or 0
    except SettingError as wrong:
        return str(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
