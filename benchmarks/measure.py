"""Paints and judges: one record a painting."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PIL import Image

from benchmarks.judge import Critic, Judge
from benchmarks.methods import Method
from benchmarks.pairs import Pair
from benchmarks.records import Record, Records
from benchmarks.studio import Studio, picture

COURSE = (1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400)
"""After how many evaluations a long painting is judged on its way."""


def paint_and_judge(
    studio: Studio, judge: Judge, records: Records, pairs: Sequence[Pair], size: int,
    methods: Iterable[tuple[Method, float]], say: Callable[[str], None],
    keep: Path | None = None, again: bool = False,
) -> None:  # fmt: skip
    """Paint every pair by every method, each at its value; what `records` has is not repeated.

    Pair by pair, so that a run that is cut short has whole pairs.
    """
    wanted = list(methods)
    for pair in pairs:
        critic: Critic | None = None
        for method, value in wanted:
            key = key_of(pair, method, value, size)
            if records.find(key) and not again:
                continue
            critic = critic or Critic.of(judge, picture(pair.content), picture(pair.style), size)
            findings, painting = _painted(studio, critic, method.at(value), pair, size)
            records.add(key | findings)
            told = f"content {findings['content']:.3f}, style {findings['style']:.3f}"
            say(f"{pair.name}, {method.name}, {size} px, {key['point']}: {told}")
            if keep:
                name = f"{pair.name}, {method.name}, {size}, {key['point']}.png"
                keep.mkdir(parents=True, exist_ok=True)
                painting.save(keep / name.replace("/", "-"))


def key_of(pair: Pair, method: Method, value: float, size: int) -> Record:
    """What tells one painting's record from another's."""
    return {
        "kind": "painting", "pair": pair.name, "style_name": pair.style.stem, "size": size,
        "method": method.name, "painter": method.painter, "point": method.point(value),
        "changes": method.changes,
    }  # fmt: skip


def _painted(
    studio: Studio, critic: Critic, method: Method, pair: Pair, size: int
) -> tuple[Record, Image.Image]:
    """Distances of a painting, those on its way if it is long, and the seconds without judging."""
    seconds, course = 0.0, []
    begun = studio.now()
    for step in studio.paint(method, pair, size):
        seconds += studio.now() - begun
        if method.patient and step.step in COURSE and step.step < step.steps:
            course.append((step.step, *_rounded(critic.distances(step.picture()))))
        begun = studio.now()
        last = step
    painting = last.picture()
    content, style = _rounded(critic.distances(painting))
    findings: Record = {
        "content": content, "style": style, "evaluations": last.step, "course": course,
        "seconds": round(seconds, 3),
        "controls": _rounded((critic.content_of_style, critic.style_of_content)),
    }  # fmt: skip
    return findings, painting


def _rounded(values: tuple[float, float]) -> tuple[float, float]:
    return round(values[0], 5), round(values[1], 5)
