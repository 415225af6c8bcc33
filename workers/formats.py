"""The number of a job's format: what its record looks like, and who can read it.

While hosts are upgraded one by one, records are written by one version and read by another. Newer
code reads every older format, by steps that each make one number of it the next. Older code
leaves a newer record where it is (workers/taking.py).

Raise FORMAT, and add a step, when a record of before would be understood wrongly or not at all: an
option or a choice that goes or changes its meaning, another way to name the pictures. What is only
added needs no number. Fields that pages show of a job (id, owner, kind, queue, state, progress,
times, error, result, preview) keep their form: a web of before shows them.
"""

from collections.abc import Callable, Mapping

FORMAT = 2
"""Of the records that this version writes."""
Record = Mapping[str, str]
"""The fields of a job's hash in Redis."""


def from_1(record: Record) -> Record:
    """The first ones had no number, no forecast, and no id of the request that made them."""
    return {"forecast": "{}", "request": ""} | dict(record)


STEPS: dict[int, Callable[[Record], Record]] = {1: from_1}
"""By the number that a step begins with; it ends with the next."""


def format_of(record: Record) -> int:
    return int(record.get("format", 1))


def up_to_date(record: Record) -> Record:
    """The record as this version would have written it; one that is newer as it is."""
    number = format_of(record)
    while number < FORMAT:
        record = STEPS[number](record)
        number += 1
    return dict(record) | {"format": str(number)}
