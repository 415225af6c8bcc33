"""Tables and plot of what `benchmarks.painting` recorded; needs no network and no picture."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from benchmarks.fronts import Front, Point
from benchmarks.methods import BASELINE
from benchmarks.plot import svg
from benchmarks.records import Record
from benchmarks.tables import middle, spread, table

REFERENCE = "classic"
GRID = [step / 100 for step in range(101)]
STRENGTH = "strength=0.5"
USUAL = (STRENGTH, "beta=10000")
"""What is painted if no one chooses."""
Stop = tuple[float, float, float]
"""Evaluations, content and style."""
Course = list[Stop]
"""Stops on a painting's way, and its end."""


@dataclass
class Findings:
    """Records of one size, by method and pair."""

    points: dict[str, dict[str, dict[str, Point]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    """By method, pair and what was swept; the latest record counts."""
    courses: dict[str, dict[str, dict[str, Course]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    styles: dict[str, str] = field(default_factory=dict)
    """Each pair's style."""
    seconds: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    """By pair and method; of one run each."""

    @classmethod
    def of(cls, records: Iterable[Record], size: int) -> "Findings":
        found = cls()
        for record in records:
            if record.get("size") != size:
                continue
            pair = record["pair"]
            if record["kind"] == "times":
                found.seconds[pair].update(record["seconds"])
            elif record["kind"] == "painting":
                method, point = record["method"], record["point"]
                end = record["content"], record["style"]
                found.points[method][pair][point] = end
                found.styles[pair] = record["style_name"]
                if record["course"]:
                    way: Course = [(number, c, s) for number, c, s in record["course"]]
                    found.courses[method][pair][point] = [*way, (record["evaluations"], *end)]
        return found

    def fronts(self, method: str) -> dict[str, Front]:
        """By pair."""
        pairs = self.points.get(method, {})
        return {pair: Front.of(points.values()) for pair, points in pairs.items()}


def report(records: Iterable[Record], reference: str = REFERENCE) -> str:
    """All tables, size by size, as Markdown; areas are compared with those of `reference`."""
    known = list(records)
    parts = []
    for size in sorted({record["size"] for record in known if "size" in record}):
        found = Findings.of(known, size)
        made = [
            ("Area under the front", areas(found, reference)),
            (f"Area by style, over {reference}'s", by_style(found, reference)),
            ("Style distance at equal content distance", at_equal_content(found)),
            ("Seconds of compute", times(found)),
            ("At equal time and at equal distance", at_equal_time(found)),
        ]
        parts += [f"## {size} px"]
        parts += [f"### {title}\n\n{text}" for title, text in made if text]
    return "\n\n".join(parts) + "\n"


def areas(found: Findings, reference: str = REFERENCE) -> str:
    fronts_there = found.fronts(reference)
    rows = []
    for method, pairs in found.points.items():
        fronts = found.fronts(method)
        ratios = [
            front.area / fronts_there[pair].area
            for pair, front in fronts.items()
            if pair in fronts_there
        ]
        usual = [points[point] for points in pairs.values() for point in USUAL if point in points]
        rows.append([
            method, str(len(fronts)), str(sum(map(len, pairs.values()))),
            middle(front.area for front in fronts.values()), spread(ratios),
            middle(content for content, _ in usual), middle(style for _, style in usual),
        ])  # fmt: skip
    head = ["method", "pairs", "paintings", "area", f"over {reference}'s"]
    return _unless_empty([*head, "content as usual", "style as usual"], rows)


def by_style(found: Findings, reference: str = REFERENCE) -> str:
    fronts_there = found.fronts(reference)
    methods = [method for method in found.points if method != reference]
    rows = []
    for style in sorted(set(found.styles.values())):
        row = [style]
        for method in methods:
            ratios = [
                front.area / fronts_there[pair].area
                for pair, front in found.fronts(method).items()
                if pair in fronts_there and found.styles[pair] == style
            ]
            row.append(middle(ratios, ".2f"))
        rows.append(row)
    return _unless_empty(["style", *methods], rows) if methods and fronts_there else ""


def at_equal_content(found: Findings) -> str:
    """Our fronts where the baselines' paintings are, if ours were painted on both sides of it."""
    rows = []
    for method, baseline in _against_baselines(found):
        fronts = found.fronts(method)
        ratios, asked = [], 0
        for pair, points in found.points[baseline].items():
            for content, style in points.values():
                if pair in fronts:
                    asked += 1
                    if fronts[pair].reaches(content):
                        ratios.append(fronts[pair].style_at(content) / style)
        rows.append([method, baseline, f"{len(ratios)} of {asked}", spread(ratios)])
    return _unless_empty(["method", "against", "paintings within reach", "style over its"], rows)


def times(found: Findings) -> str:
    """Every method's seconds, and how many times as long the baseline takes."""
    methods = list(dict.fromkeys(name for times in found.seconds.values() for name in times))
    rows = []
    for method in methods:
        both = [pair for pair in found.seconds.values() if method in pair and BASELINE in pair]
        rows.append([
            method,
            spread(pair[method] for pair in found.seconds.values() if method in pair),
            spread((pair[BASELINE] / pair[method] for pair in both), ".1f"),
        ])  # fmt: skip
    text = _unless_empty(["method", "seconds", f"{BASELINE} takes so many times as long"], rows)
    note = (
        "Paper methods: 30 evaluations after 3 that were not counted, times 500 over 30. "
        "Medians over pairs; methods took turns within each pair."
    )
    return f"{text}\n\n{note}" if text else ""


def at_equal_time(found: Findings) -> str:
    """What a baseline has after our seconds, and its seconds until it paints as strongly as we."""
    rows = []
    for method, baseline in _against_baselines(found):
        behind, waits, contents, asked = [], [], [], 0
        for pair, front in found.fronts(method).items():
            seconds = found.seconds.get(pair, {})
            # An evaluation takes as good as the same time with any optimiser.
            whole = seconds.get(baseline, seconds.get(BASELINE))
            if whole is None or method not in seconds:
                continue
            ours = found.points[method][pair].get(STRENGTH)
            for course in found.courses[baseline].get(pair, {}).values():
                each = whole / course[-1][0]
                content, style = _after(course, seconds[method] / each)
                behind.append(style / front.style_at(min(content, 1.0)))
                asked += 1
                if ours and (met := _as_near(course, ours[1])):
                    waits.append(met[0] * each / seconds[method])
                    contents.append(met[1] / ours[0])
        if behind:
            rows.append([
                method, baseline, spread(behind), f"{len(waits)} of {asked}", spread(waits, ".1f"),
                spread(contents),
            ])  # fmt: skip
    return _unless_empty(
        ["method", "against", "after our time, its style over our front's",
         f"ever as near to the style as ours at {STRENGTH}", "after so many times our time",
         "its content over ours then"], rows,
    )  # fmt: skip


def plot(records: Iterable[Record], size: int) -> str:
    """An SVG of all paintings and each method's median front at one size."""
    found = Findings.of(records, size)
    dots, lines = {}, {}
    for method, pairs in found.points.items():
        dots[method] = [point for points in pairs.values() for point in points.values()]
        fronts = list(found.fronts(method).values())
        lines[method] = [(c, median(front.style_at(c) for front in fronts)) for c in GRID]
    title = f"{size} px: paintings (pairs: {len(found.styles)}) and median fronts"
    return svg(title, dots, lines)


def _against_baselines(found: Findings) -> list[tuple[str, str]]:
    baselines = [method for method in found.points if method in found.courses]
    ours = [method for method in found.points if method not in found.courses]
    return [(method, baseline) for baseline in baselines for method in ours]


def _stretches(course: Course) -> Iterator[tuple[Stop, Stop]]:
    """From stop to stop; a course begins with the photograph."""
    return pairwise([(0, 0.0, 1.0), *course])


def _after(course: Course, evaluations: float) -> Point:
    """Where a course is after so many evaluations, between two of its stops on a line."""
    for one, other in _stretches(course):
        if evaluations <= other[0]:
            _, content, style = _between(one, other, 0, evaluations)
            return content, style
    return course[-1][1:]


def _as_near(course: Course, style: float) -> tuple[float, float] | None:
    """After how many evaluations a course first is as near to the style, and its content then."""
    for one, other in _stretches(course):
        if other[2] <= style:
            evaluations, content, _ = _between(one, other, 2, style)
            return evaluations, content
    return None


def _between(one: Stop, other: Stop, part: int, value: float) -> tuple[float, float, float]:
    """On the line between two stops, where `part` has a value."""
    share = (value - one[part]) / (other[part] - one[part])
    evaluations, content, style = (a + share * (b - a) for a, b in zip(one, other, strict=True))
    return evaluations, content, style


def _unless_empty(head: list[str], rows: list[list[str]]) -> str:
    return table(head, rows) if rows else ""
