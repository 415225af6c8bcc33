"""Who is learned from and who is measured with: whole subjects on one side, class by class.

A subject is what photographs have in common that are copies of one another or of one observation,
directly or by way of others. Side by side in two splits they would make a model look better than
it is. Imports no torch.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from models.training.dataset import SPLITS, DataSetError, Photograph
from models.training.likeness import joined

SHARES = {"train": 0.70, "val": 0.15, "test": 0.15}
VALIDATION = {"train": 0.85, "val": 0.15}
"""Of the photographs to learn from, where the data set keeps none for validation."""
FEWEST = 3
"""Subjects that a class needs to be in every split."""
Groups = Iterable[Sequence[int]]
Subject = tuple[int, ...]


def subjects(photographs: Sequence[Photograph], alike: Groups) -> list[Subject]:
    """Each photograph in exactly one of them, by index. `alike`: groups of copies."""
    observations: dict[str, list[int]] = defaultdict(list)
    for index, photograph in enumerate(photographs):
        if photograph.observation:
            observations[photograph.observation].append(index)
    several = joined([*alike, *observations.values()])
    taken = {index for group in several for index in group}
    alone = ((index,) for index in range(len(photographs)) if index not in taken)
    return sorted([*several, *alone])


def leaks(photographs: Sequence[Photograph], alike: Groups) -> list[Subject]:
    """Subjects that the data set's own splits hold on several sides."""
    return [
        subject
        for subject in subjects(photographs, alike)
        if len({photographs[index].split for index in subject} - {""}) > 1
    ]


def divide(photographs: Sequence[Photograph], alike: Groups, seed: int) -> tuple[Photograph, ...]:
    """The photographs in their order, each with its split.

    Splits that are given are kept, but of a subject on several sides only what is in the last of
    train, val and test stays. Without splits they are made, 70 : 15 : 15; where there is no val,
    15 % of train become it. A class has a subject in train at least, and one in each split that
    is made where it has three. Photographs without a split beside others that have one are
    learned from. Raises `DataSetError` where a class is left with nothing in train, or val with
    nothing.
    """
    alike = list(alike)
    given = {photograph.split for photograph in photographs} - {""}
    splits = [photograph.split or ("train" if given else "") for photograph in photographs]
    kept: list[Subject] = []
    for subject in subjects(photographs, alike):
        last = max((splits[index] for index in subject), key=("", *SPLITS).index)
        kept.append(tuple(index for index in subject if splits[index] == last))
    if "val" not in given:
        shares = VALIDATION if given else SHARES
        free = [subject for subject in kept if splits[subject[0]] in ("", "train")]
        sides = _by_class(photographs, free, list(shares.values()), seed, FEWEST)
        _teach_all(photographs, free, sides)
        for subject, side in zip(free, sides, strict=True):
            for index in subject:
                splits[index] = SPLITS[side]
    indices = sorted(index for subject in kept for index in subject)
    divided = tuple(replace(photographs[index], split=splits[index]) for index in indices)
    _check(photographs, divided)
    return divided


def folds(photographs: Sequence[Photograph], alike: Groups, k: int, seed: int) -> tuple[int, ...]:
    """The fold of each photograph, 0 to k - 1, for cross-validation."""
    whole = subjects(photographs, alike)
    found = [0] * len(photographs)
    for subject, fold in zip(
        whole, _by_class(photographs, whole, [1 / k] * k, seed, k), strict=True
    ):
        for index in subject:
            found[index] = fold
    return tuple(found)


def _by_class(
    photographs: Sequence[Photograph],
    whole: Sequence[Subject],
    shares: Sequence[float],
    seed: int,
    fewest: int,
) -> list[int]:
    """The side of each subject. One of several classes counts for the one with fewest subjects."""
    labels = [{photographs[index].label for index in subject} for subject in whole]
    common = Counter(label for each in labels for label in each)
    members: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(labels):
        members[min(each, key=lambda label: (common[label], label))].append(number)
    sides = [0] * len(whole)
    for label in sorted(members):
        sizes = [len(whole[number]) for number in members[label]]
        dealt = _deal(sizes, shares, Random(f"{seed}/{label}"), fewest)
        for number, side in zip(members[label], dealt, strict=True):
            sides[number] = side
    return sides


def _deal(sizes: Sequence[int], shares: Sequence[float], random: Random, fewest: int) -> list[int]:
    """The side of each of one class's subjects, the largest first where most is wanting.

    No side is further from its share than the largest subject is large, unless it takes that to
    give each side one.
    """
    order = random.sample(range(len(sizes)), len(sizes))
    order.sort(key=lambda number: -sizes[number])
    wanting = [share * sum(sizes) for share in shares]
    turns = random.sample(range(len(shares)), len(shares))  # or the first would win each tie
    sides = [0] * len(sizes)
    for number in order:
        side = max(turns, key=lambda each: wanting[each])
        sides[number] = side
        wanting[side] -= sizes[number]
    if len(sizes) >= fewest:
        for empty in set(range(len(shares))) - set(sides):
            fullest = max(turns, key=lambda each: (sides.count(each), -wanting[each]))
            sides[next(number for number in reversed(order) if sides[number] == fullest)] = empty
    return sides


def _teach_all(
    photographs: Sequence[Photograph], whole: Sequence[Subject], sides: list[int]
) -> None:
    """A class that shares all its subjects with others may have none to learn from: it gets one."""
    learned = {
        photographs[index].label
        for subject, side in zip(whole, sides, strict=True)
        for index in subject
        if side == 0
    }
    for number, subject in enumerate(whole):
        labels = {photographs[index].label for index in subject}
        if not labels <= learned:
            sides[number] = 0
            learned |= labels


def _check(photographs: Sequence[Photograph], divided: Sequence[Photograph]) -> None:
    learned = {photograph.label for photograph in divided if photograph.split == "train"}
    for photograph in photographs:
        if photograph.label not in learned:
            raise DataSetError(
                f"{photograph.label}: the class has no photograph in train that is not also, as a "
                "copy or by its observation, in val or test."
            )
    if all(photograph.split != "val" for photograph in divided):
        raise DataSetError(
            f"No photograph is left for validation: a class needs {FEWEST} different subjects."
        )
