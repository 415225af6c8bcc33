"""Tables and plot from records alone."""

from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.report import Findings, areas, at_equal_content, at_equal_time, plot, report, times


def painting(method: str, point: str, content: float, style: float, **more: Any) -> dict[str, Any]:
    return {
        "kind": "painting", "pair": "cat + waves", "style_name": "waves", "size": 256,
        "method": method, "point": point, "content": content, "style": style,
        "evaluations": 100, "course": [], **more,
    }  # fmt: skip


TIMES = {"light": 1.0, "classic": 10.0, "paper-lbfgs": 50.0}
RECORDS = [
    painting("classic", "strength=0.5", 0.9, 0.9),  # measured anew below
    painting("light", "strength=0.3", 0.4, 0.4),
    painting("light", "strength=0.5", 0.6, 0.2),
    painting("classic", "strength=0.5", 0.5, 0.2),
    painting("paper-lbfgs", "beta=10000", 0.5, 0.25, course=[[1, 0.0, 1.0], [51, 0.3, 0.7]]),
    {"kind": "times", "pair": "cat + waves", "size": 256, "seconds": TIMES},
]


def found() -> Findings:
    return Findings.of(RECORDS, 256)


def row(text: str, first: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_areas_are_compared_with_classics() -> None:
    classic = 0.5 * 0.6 + 0.5 * 0.1
    light = 0.4 * 0.7 + 0.2 * 0.3 + 0.4 * 0.1
    assert row(areas(found()), "classic") == [
        "classic", "1", "1", f"{classic:.3f}", "1.00", "0.500", "0.200",
    ]  # fmt: skip
    assert row(areas(found()), "light") == [
        "light", "1", "2", f"{light:.3f}", f"{light / classic:.2f}", "0.600", "0.200",
    ]  # fmt: skip
    assert row(areas(found(), "light"), "classic")[4] == f"{classic / light:.2f}"


def test_style_is_compared_where_a_method_painted() -> None:
    text = at_equal_content(found())
    assert row(text, "light") == ["light", "paper-lbfgs", "1 of 1", "1.20"]  # 0.3 over 0.25
    assert row(text, "classic") == ["classic", "paper-lbfgs", "1 of 1", "0.80"]


def test_times_are_ratios_within_a_pair() -> None:
    assert row(times(found()), "light") == ["light", "1.00", "50.0"]
    assert row(times(found()), "classic") == ["classic", "10.00", "5.0"]


def test_at_equal_time_a_baseline_is_on_its_way() -> None:
    """Light's second is two evaluations: of 50 from the first stop to the second, it made one."""
    text = at_equal_time(found())
    style, ours = 1.0 - 0.3 / 50, 1.0 - 1.5 * 0.3 / 50
    assert row(text, "light")[2] == f"{style / ours:.2f}"


def test_at_equal_distance_a_baseline_took_so_long() -> None:
    """Classic's style at 0.3 is met at 51 + 49 * 0.4 / 0.45 evaluations of half a second."""
    closer = painting("classic", "strength=0.5", 0.5, 0.3)
    text = at_equal_time(Findings.of([*RECORDS, closer], 256))
    share = 0.4 / 0.45
    assert row(text, "classic")[3:] == [
        "1 of 1", f"{(51 + 49 * share) * 0.5 / 10:.1f}", f"{(0.3 + 0.2 * share) / 0.5:.2f}",
    ]  # fmt: skip
    assert row(text, "light")[3:] == ["0 of 1", "—", "—"]


def test_the_report_has_a_part_a_size() -> None:
    text = report([*RECORDS, {**painting("light", "strength=0.5", 0.5, 0.5), "size": 512}])
    assert text.index("## 256 px") < text.index("## 512 px")
    assert "| waves |" in text


def test_an_empty_report_is_no_error() -> None:
    assert report([]).strip() == ""


def test_the_plot_is_an_svg_with_every_method() -> None:
    root = ElementTree.fromstring(plot(RECORDS, 256))
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"light", "classic", "paper-lbfgs", "the photograph", "the style"} <= set(words)


@pytest.mark.parametrize("size", [256, 64])
def test_a_plot_of_nothing_is_still_a_plot(size: int) -> None:
    ElementTree.fromstring(plot([], size))
