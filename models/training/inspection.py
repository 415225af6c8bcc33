"""Every photograph of a data set is opened once: what is broken, what is there twice, how much.

Imports no torch.
"""

from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.training.dataset import SPLITS, DataSet, DataSetError, Photograph
from models.training.likeness import groups, joined
from models.training.looking import Known, Looked, looks
from models.training.splits import leaks

LISTED = 100
"""Entries of each list in a report, and files of each entry."""
FEW, SMALL, SKEWED = 10, 64, 10
"""Photographs of a class, pixels of a side, and a ratio of classes that call for a warning."""


@dataclass(frozen=True)
class Seen:
    """One more photograph has been seen, in the data set's order."""

    photograph: Photograph
    reason: str
    """Why it cannot be used; "" where it can."""
    done: int
    total: int


@dataclass(frozen=True)
class Inspection:
    """A data set that was looked at. Indices are those of `photographs`."""

    data_set: DataSet
    photographs: tuple[Photograph, ...]
    """Those that can be used, in the data set's order."""
    sha256: tuple[str, ...]
    """Of each one's file."""
    looked: tuple[Looked, ...]
    broken: tuple[tuple[str, str], ...]
    """Files that cannot be used, and why."""
    duplicates: tuple[tuple[int, ...], ...]
    """Groups of photographs that are copies of one another."""

    @cached_property
    def leaks(self) -> list[tuple[int, ...]]:
        """Groups, by likeness or observation, that the data set's own splits hold on two sides."""
        return leaks(self.photographs, self.duplicates)

    @property
    def contradictions(self) -> list[tuple[int, ...]]:
        """Copies of one picture under two labels."""
        return [group for group in self.duplicates if len(self._labels(group)) > 1]

    def record(self) -> dict[str, Any]:
        """The report, for JSON. Lists are cut off at 100; `totals` are of everything."""
        counts = self._counts()
        sizes = [each["all"] for each in counts.values()]
        return {
            "photographs": len(self.photographs),
            "classes": len(counts),
            "observations": len({each.observation for each in self.photographs} - {""}),
            "counts": counts,
            "skew": round(max(sizes) / min(sizes), 2),
            "broken": [{"file": file, "reason": why} for file, why in self.broken[:LISTED]],
            "duplicates": [self._group(group) for group in self.duplicates[:LISTED]],
            "leaks": [
                self._group(group) | {"splits": self._splits(group)}
                for group in self.leaks[:LISTED]
            ],
            "totals": {
                "broken": len(self.broken), "duplicates": len(self.duplicates),
                "contradictions": len(self.contradictions), "leaks": len(self.leaks),
            },
            "warnings": list(self._warnings(sizes)),
        }  # fmt: skip

    def _counts(self) -> dict[str, dict[str, int]]:
        """Photographs of each label, in each split that the data set gives, and altogether."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for photograph in self.photographs:
            found[photograph.label].update([photograph.split, "all"])
        return {label: {of: found[label][of] for of in (*SPLITS, "all")} for label in sorted(found)}

    def _labels(self, group: tuple[int, ...]) -> list[str]:
        return sorted({self.photographs[index].label for index in group})

    def _splits(self, group: tuple[int, ...]) -> list[str]:
        present = {self.photographs[index].split for index in group}
        return [split for split in SPLITS if split in present]

    def _group(self, group: tuple[int, ...]) -> dict[str, Any]:
        files = [self.data_set.relative(self.photographs[index].path) for index in group[:LISTED]]
        return {"files": files, "labels": self._labels(group)}

    def _warnings(self, sizes: list[int]) -> Iterator[str]:
        if broken := len(self.broken):
            yield _counted(
                broken, "1 photograph cannot be opened and is left out.",
                f"{broken} photographs cannot be opened and are left out.",
            )  # fmt: skip
        if contradictions := len(self.contradictions):
            yield _counted(
                contradictions, "1 picture is there under two labels or more.",
                f"{contradictions} pictures are there under two labels or more.",
            )  # fmt: skip
        if found := len(self.leaks):
            yield _counted(
                found,
                "1 group of copies or observations is in two splits: "
                "what of it is in train is not learned from.",
                f"{found} groups of copies or observations are in two splits: "
                "what of them is in train is not learned from.",
            )
        if few := sum(size < FEW for size in sizes):
            yield _counted(
                few, f"1 class has fewer than {FEW} photographs.",
                f"{few} classes have fewer than {FEW} photographs.",
            )  # fmt: skip
        if max(sizes) > SKEWED * min(sizes):
            yield f"The largest class has {max(sizes)} photographs, the smallest {min(sizes)}."
        if small := sum(min(each.width, each.height) < SMALL for each in self.looked):
            yield _counted(
                small, f"1 photograph has a side of less than {SMALL} pixels.",
                f"{small} photographs have a side of less than {SMALL} pixels.",
            )  # fmt: skip
        labels: dict[str, set[str]] = defaultdict(set)
        for photograph in self.photographs:
            labels[photograph.observation].add(photograph.label)
        labels.pop("", None)
        if mixed := sum(len(each) > 1 for each in labels.values()):
            yield _counted(
                mixed, "1 observation has photographs of several classes.",
                f"{mixed} observations have photographs of several classes.",
            )  # fmt: skip
        yield from self.data_set.notes


def inspect(data_set: DataSet, known: Known | None = None) -> Generator[Seen, None, Inspection]:
    """Look at every photograph; returns the `Inspection`.

    Raises `DataSetError` where more than half cannot be used, or all of a class.
    """
    total = len(data_set.photographs)
    usable: list[tuple[Photograph, str, Looked]] = []
    broken: list[tuple[Photograph, str]] = []
    files = looks([photograph.path for photograph in data_set.photographs], known)
    for photograph, (sha256, looked) in zip(data_set.photographs, files, strict=True):
        if looked.reason:
            broken.append((photograph, looked.reason))
        else:
            usable.append((photograph, sha256, looked))
        yield Seen(photograph, looked.reason, len(usable) + len(broken), total)
    _check(data_set, broken)
    photographs, digests, looked_at = zip(*usable, strict=True)
    same = defaultdict(list)
    for index, digest in enumerate(digests):
        same[digest].append(index)
    duplicates = joined([*same.values(), *groups([each.fingerprint for each in looked_at])])
    wrong = tuple((data_set.relative(each.path), why) for each, why in broken)
    return Inspection(data_set, photographs, digests, looked_at, wrong, tuple(duplicates))


def _check(data_set: DataSet, broken: list[tuple[Photograph, str]]) -> None:
    if not broken:
        return
    sizes = Counter(photograph.label for photograph in data_set.photographs)
    lost = Counter(photograph.label for photograph, _ in broken)
    for photograph, reason in broken:
        file, label = data_set.relative(photograph.path), photograph.label
        why = reason.split(". ")[0].rstrip(".") + "."
        total = len(data_set.photographs)
        if 2 * len(broken) > total:
            raise DataSetError(
                f"{len(broken)} of {total} photographs cannot be used, {file} first: {why}"
            )
        if lost[label] == sizes[label]:
            raise DataSetError(f"No photograph of {label} can be used, {file} first: {why}")


def _counted(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
