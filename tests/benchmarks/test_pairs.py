"""Pairs are chosen by a rule."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.pairs import FIXED, FOR_SIZES, SAMPLES, order, pairs_in

DATA = Path(__file__).parents[3] / "shared" / "data" / "pictures"
DOCS = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def test_the_rule_meets_every_pair_once() -> None:
    for contents, styles in [(8, 9), (6, 6), (1, 5), (4, 1), (3, 2), (2, 4)]:
        pairs = order(contents, styles)
        assert len(set(pairs)) == len(pairs) == contents * styles


@pytest.mark.parametrize(("contents", "styles"), [(8, 9), (6, 6)])
def test_the_first_pairs_use_all_about_equally(contents: int, styles: int) -> None:
    for count in (FOR_SIZES, FIXED):
        for of in zip(*order(contents, styles)[:count], strict=True):
            uses = Counter(of)
            assert max(uses.values()) <= -(-count // min(contents, styles))


def test_samples_are_pairs_too_without_their_thumbnails() -> None:
    pairs = pairs_in(SAMPLES)
    assert len(pairs) == FIXED == len(set(pairs))
    assert all(".thumb" not in pair.name for pair in pairs)
    assert pairs_in(SAMPLES, "3") == pairs[:3]
    assert len(pairs_in(SAMPLES, "all")) == 36


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the pictures in ../shared/data/pictures")
def test_the_documents_name_the_fixed_pairs() -> None:
    text = DOCS.read_text()
    places = [text.index(f"| {p.content.stem} | {p.style.stem} |") for p in pairs_in(DATA)]
    assert places == sorted(places)


def test_what_is_no_choice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not fixed, all or a number"):
        pairs_in(SAMPLES, "some")
    with pytest.raises(ValueError, match="no pictures"):
        pairs_in(tmp_path)
