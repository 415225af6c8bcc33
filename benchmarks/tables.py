"""Markdown tables."""

from collections.abc import Iterable, Sequence
from statistics import median


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def middle(values: Iterable[float], form: str = ".3f") -> str:
    """The median in words, — if there is nothing."""
    known = list(values)
    return format(median(known), form) if known else "—"


def spread(values: Iterable[float], form: str = ".2f") -> str:
    """The median with least and most."""
    known = list(values)
    if len(known) < 2:
        return middle(known, form)
    return f"{median(known):{form}} ({min(known):{form}} to {max(known):{form}})"
