"""How long workers have said nothing, by the clock of whoever watches.

A lease's end is a time of the server's clock, and that clock may jump. So nobody asks whether a
time has passed: a janitor looks at the mark of each lease, which every renewal changes, and counts
for itself how long it has stayed the same.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from workers.ledger import Held


@dataclass
class Silence:
    """Called with what is held, again and again; answers what was silent for a whole lease.

    Two looks count for `longest_gap` seconds at most, however far they are apart: a watcher that
    was frozen, or could not reach the store, has not watched, and neither could a worker renew.
    """

    lease_seconds: float
    longest_gap: float
    clock: Callable[[], float] = time.monotonic
    _looked: float = 0.0
    _silent: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    """Mark, and seconds without another, by id and fence."""

    def watch(self, held: Sequence[Held]) -> list[Held]:
        """Those of `held` whose mark has not changed for `lease_seconds`."""
        now = self.clock()
        passed, self._looked = min(now - self._looked, self.longest_gap), now
        self._silent = dict(self._counted(held, passed))
        return [each for each in held if self._silent[each.id, each.fence][1] >= self.lease_seconds]

    def _counted(
        self, held: Sequence[Held], passed: float
    ) -> Iterator[tuple[tuple[str, str], tuple[str, float]]]:
        for each in held:
            mark, silent = self._silent.get((each.id, each.fence), ("", 0.0))
            yield (each.id, each.fence), (each.mark, silent + passed if mark == each.mark else 0.0)
