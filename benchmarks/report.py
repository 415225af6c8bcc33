"""Tables and plot of what `benchmarks.painting` recorded; needs no network and no picture."""

from collections import defaultdict
from collections.abc import Iterable
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
Course = list[tuple[int, float, float]]
"""Evaluations, content and style, on a painting's way and at its end."""


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
                    ways = [tuple(stop) for stop in record["course"]]
                    found.courses[method][pair][point] = [*ways, (record["evaluations"], *end)]
        return found

    def fronts(self, method: str) -> dict[str, Front]:
        """By pair."""
        pairs = self.points.get(method, {})
        return {pair: Front.of(points.values()) for pair, points in pairs.items()}


def report(records: Iterable[Record]) -> str:
    """All tables, size by size, as Markdown."""
    known = list(records)
    parts = []
    for size in sorted({record["size"] for record in known if "size" in record}):
        found = Findings.of(known, size)
        made = [
            ("Area under the front", areas(found)),
            (f"Area by style, over {REFERENCE}'s", by_style(found)),
            ("Style distance at equal content distance", at_equal_content(found)),
            ("Seconds of compute", times(found)),
            ("At equal time and at equal distance", at_equal_time(found)),
        ]
        parts += [f"## {size} px"]
        parts += [f"### {title}\n\n{text}" for title, text in made if text]
    return "\n\n".join(parts) + "\n"


def areas(found: Findings) -> str:
    reference = found.fronts(REFERENCE)
    rows = []
    for method in found.points:
        fronts = found.fronts(method)
        ratios = [f.area / reference[pair].area for pair, f in fronts.items() if pair in reference]
        paintings = sum(len(points) for points in found.points[method].values())
        rows.append([method, str(len(fronts)), str(paintings),
                     middle(f.area for f in fronts.values()), spread(ratios)])  # fmt: skip
    return _unless_empty(["method", "pairs", "paintings", "area", f"over {REFERENCE}'s"], rows)


def by_style(found: Findings) -> str:
    reference = found.fronts(REFERENCE)
    methods = [method for method in found.points if method != REFERENCE]
    rows = []
    for style in sorted(set(found.styles.values())):
        row = [style]
        for method in methods:
            fronts = found.fronts(method).items()
            row.append(middle(
                (front.area / reference[pair].area for pair, front in fronts
                 if pair in reference and found.styles[pair] == style), ".2f"
            ))  # fmt: skip
        rows.append(row)
    return _unless_empty(["style", *methods], rows) if methods and reference else ""


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
    """What a baseline has after our seconds, and its seconds until it has what we have.

    It has what we have when its picture lies on or under our front.
    """
    rows = []
    for method, baseline in _against_baselines(found):
        ratios, waits, never = [], [], 0
        for pair, front in found.fronts(method).items():
            seconds = found.seconds.get(pair, {})
            # Evaluations take as long with any optimiser, as good as.
            whole = seconds.get(baseline, seconds.get(BASELINE))
            if whole is None or method not in seconds:
                continue
            for course in found.courses[baseline].get(pair, {}).values():
                each = whole / course[-1][0]
                content, style = _after(course, seconds[method] / each)
                ratios.append(style / front.style_at(min(content, 1.0)))
                if met := _meets(course, front):
                    waits.append(met * each / seconds[method])
                else:
                    never += 1
        if ratios:
            rows.append([method, baseline, spread(ratios), spread(waits, ".1f"),
                         f"{never} of {never + len(waits)}"])  # fmt: skip
    return _unless_empty(
        ["method", "against", "its style over ours after our time",
         "times our seconds until it meets our front", "never met"], rows,
    )  # fmt: skip


def plot(records: Iterable[Record], size: int) -> str:
    """An SVG of all paintings and each method's median front at one size."""
    found = Findings.of(records, size)
    dots, lines = {}, {}
    for method, pairs in found.points.items():
        dots[method] = [point for points in pairs.values() for point in points.values()]
        fronts = list(found.fronts(method).values())
        lines[method] = [(c, median(front.style_at(c) for front in fronts)) for c in GRID]
    pairs_count = len(found.styles)
    title = f"Paintings of {pairs_count} pairs at {size} px; lines are median fronts"
    return svg(title, dots, lines)


def _against_baselines(found: Findings) -> list[tuple[str, str]]:
    baselines = [method for method in found.points if method in found.courses]
    ours = [method for method in found.points if method not in found.courses]
    return [(method, baseline) for baseline in baselines for method in ours]


def _after(course: Course, evaluations: float) -> Point:
    """Where a course is after so many evaluations, between two of its stops on a line."""
    stops = [(0, 0.0, 1.0), *course]  # it begins with the photograph
    for (a, content, style), (b, content_b, style_b) in pairwise(stops):
        if evaluations <= b:
            share = (evaluations - a) / (b - a)
            return content + share * (content_b - content), style + share * (style_b - style)
    return course[-1][1], course[-1][2]


def _meets(course: Course, front: Front) -> int | None:
    """After how many evaluations a course first lies on or under a front, among its stops."""
    for evaluations, content, style in course:
        if content <= 1.0 and style <= front.style_at(content):
            return evaluations
    return None


def _unless_empty(head: list[str], rows: list[list[str]]) -> str:
    return table(head, rows) if rows else ""
