"""Seconds of compute: our painters whole, long baselines by their first evaluations.

Methods take turns within each pair, so that what else the machine does meets them all. Weights are
loaded and every method has painted before. The clock runs from the first `next` to the last step.
"""

from collections.abc import Callable, Sequence
from itertools import islice

from benchmarks.methods import Method
from benchmarks.pairs import Pair
from benchmarks.records import Record, Records
from benchmarks.studio import Studio

WARM_UP = 3
MEASURED = 30


def time_all(
    studio: Studio, records: Records, pairs: Sequence[Pair], size: int,
    methods: Sequence[Method], say: Callable[[str], None], again: bool = False,
) -> None:  # fmt: skip
    """One record a pair: pairs are what is compared, so a pair is measured in one go."""
    keys = [key_of(pair, methods, size) for pair in pairs]
    wanted = [
        (pair, key) for pair, key in zip(pairs, keys, strict=True) if again or not records.find(key)
    ]
    if not wanted:
        return
    for method in methods:
        for _ in islice(studio.paint(method, wanted[0][0], size), WARM_UP):
            pass
    for pair, key in wanted:
        seconds = {method.name: _seconds(studio, method, pair, size) for method in methods}
        records.add(key | {"seconds": seconds})
        told = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())
        say(f"{pair.name}, {size} px: {told}")


def key_of(pair: Pair, methods: Sequence[Method], size: int) -> Record:
    told = {method.name: method.changes for method in methods}
    return {"kind": "times", "pair": pair.name, "size": size, "changes": told}


def _seconds(studio: Studio, method: Method, pair: Pair, size: int) -> float:
    painting = studio.paint(method, pair, size)
    begun = studio.now()
    if not method.patient:
        for _ in painting:
            pass
        return round(studio.now() - begun, 4)
    steps = next(painting).steps
    for _ in islice(painting, WARM_UP - 1):
        pass
    begun = studio.now()
    measured = sum(1 for _ in islice(painting, MEASURED))
    seconds = studio.now() - begun
    painting.close()
    return round(seconds / measured * steps, 4)
