"""How a section's input is cut."""

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from models.sections import Activations, Section


def run(x: object, wanted: object) -> tuple[Activations, object]:
    raise AssertionError("Cutting runs nothing.")


@given(st.integers(1, 5000), st.sampled_from([8, 64, 384]), st.sampled_from([1, 2, 8]))
def test_cuts_cover_a_side_on_the_grid_and_fit_memory(side: int, tile: int, step: int) -> None:
    section = Section(run, {"tap": step}, 1, 5, tile)  # type: ignore[arg-type]
    cuts = section.cuts(side)
    assert [cut.start for cut in cuts[1:]] == [cut.stop for cut in cuts[:-1]]
    assert cuts[0].start == 0 and cuts[-1].stop == side
    assert all(cut.start % step == 0 for cut in cuts)
    longest = max(cut.stop - cut.start for cut in cuts)
    assert longest <= ceil(tile * 9 / 8 / step) * step
    assert len(cuts) <= ceil(side / tile)


def test_a_small_remainder_is_no_tile() -> None:
    section = Section(run, {"tap": 1}, 1, 5, 64)  # type: ignore[arg-type]
    assert len(section.cuts(70)) == 1
    assert [cut.stop - cut.start for cut in section.cuts(92)] == [46, 46]
