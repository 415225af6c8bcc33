"""What people said about answers: the right name and, where they agreed, the photographs.

They lie apart from the jobs, as `corrections/MODEL/JOB`, because they outlive them: a photograph
that somebody gave away to learn from is not removed with old jobs.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from workers.artifacts import ArtifactMissing, ArtifactStore

NOTE = "correction.json"
TABLE = "split.csv"


@dataclass(frozen=True)
class Correction:
    """One person's word about the answer of one job."""

    job: str
    model: str
    owner: str
    label: str
    """Of the model's class."""
    taxon: str
    """Its scientific name; "" where the class is no living thing."""
    was: str
    """The scientific name that the model found most probable; "" where it saw nothing alive."""
    keep: bool
    """Whether the owner agreed that the photographs are kept to learn from."""
    at: float
    """Seconds since 1970."""

    @property
    def confirmed(self) -> bool:
        """Whether the model was right."""
        return self.taxon == self.was

    @property
    def prefix(self) -> str:
        return place(self.model, self.job)

    def record(self) -> dict[str, object]:
        """What `read` reads, and whether it confirms."""
        return asdict(self) | {"confirmed": self.confirmed}

    @classmethod
    def read(cls, data: bytes) -> Self:
        record = json.loads(data)
        record.pop("confirmed")
        return cls(**record)


def place(model: str, job: str) -> str:
    return f"corrections/{model}/{job}"


def note(store: ArtifactStore, correction: Correction, photographs: Mapping[str, str]) -> None:
    """Write it down in place of an earlier one of the job; `photographs` are keys by name.

    They are copied only where the owner agreed. Raises `ArtifactMissing`, `StoreFull`.
    """
    copies = {name: store.read(key) for name, key in photographs.items() if correction.keep}
    store.delete_prefix(correction.prefix)
    for name, data in copies.items():
        store.write(f"{correction.prefix}/{name}.jpg", data)
    store.write(f"{correction.prefix}/{NOTE}", json.dumps(correction.record()).encode())


def find(store: ArtifactStore, model: str, job: str) -> Correction | None:
    try:
        return Correction.read(store.read(f"{place(model, job)}/{NOTE}"))
    except ArtifactMissing:
        return None


def withdraw(store: ArtifactStore, model: str, job: str) -> None:
    """Forget it, and the photographs. Where there is none, nothing happens."""
    store.delete_prefix(place(model, job))


def kept(store: ArtifactStore, model: str, owner: str | None = None) -> list[Correction]:
    """Those of a model that came with photographs, of one owner or of all, in the order of jobs."""
    jobs = [prefix.rpartition("/")[2] for prefix in store.below(f"corrections/{model}")]
    found = (find(store, model, job) for job in jobs)
    return [each for each in found if each and each.keep and owner in (None, each.owner)]


def photographs(store: ArtifactStore, corrections: list[Correction]) -> Iterator[tuple[str, str]]:
    """The path in a data set and the artifact's key of each photograph."""
    for each in corrections:
        for key in store.below(each.prefix):
            name = key.rpartition("/")[2]
            if name != NOTE:
                yield f"{folder_name(each.label)}/{each.job}-{name}", key


def table(store: ArtifactStore, corrections: list[Correction]) -> bytes:
    """A data set's table: path, label as it is, no split, the job as observation."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("path", "label", "split", "observation"))
    for each in corrections:
        for path, _ in photographs(store, [each]):
            rows.writerow((path, each.label, "", each.job))
    return text.getvalue().encode()


def gather(store: ArtifactStore, model: str, owner: str | None, folder: Path) -> int:
    """Write the kept photographs of a model as a data set; how many there are.

    Of one owner or, where it is None, of all. `folder` is made where there is any.
    """
    corrections, count = kept(store, model, owner), 0
    for path, key in photographs(store, corrections):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(store.read(key))
        count += 1
    if count:
        (folder / TABLE).write_bytes(table(store, corrections))
    return count


def folder_name(label: str) -> str:
    """A label as the name of a folder."""
    return re.sub(r"[^\w.()-]|^\.", "_", label)
