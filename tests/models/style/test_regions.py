"""Which style goes where."""

import pytest
import torch

from models.style.manner import Manner
from models.style.regions import everywhere, under_masks

GRIDS = {"fine": (24, 32), "coarse": (6, 8)}


def manner(value: float) -> Manner:
    moments = {tap: (torch.full((3,), value), torch.eye(3) * value) for tap in GRIDS}
    return Manner(moments, torch.full((16, 5), value))


def left(share: float) -> torch.Tensor:
    mask = torch.zeros(1, 1, 48, 64)
    mask[..., : round(64 * share)] = 1.0
    return mask


def test_without_masks_styles_are_mixed_everywhere() -> None:
    region = everywhere([manner(1.0), manner(3.0)], [0.75, 0.25], list(GRIDS), about_mean=True)
    assert region.share == 1.0 and region.mask is None
    assert torch.allclose(region.wanted["fine"][0], torch.full((3,), 1.5))
    assert torch.allclose(region.palette, torch.full((16, 5), 1.5))
    assert region.part((24, 32), (slice(0, 24), slice(0, 32))) is None


def test_each_mask_has_its_own_style_and_weighs_by_its_area() -> None:
    masks = [left(0.25), 1 - left(0.25)]
    one, other = under_masks([manner(1.0), manner(3.0)], [0.5, 0.5], masks, GRIDS, True)
    assert one.share == pytest.approx(0.25) and other.share == pytest.approx(0.75)
    assert one.wanted["fine"][0].tolist() == [1, 1, 1]
    assert other.wanted["fine"][0].tolist() == [3, 3, 3]


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_cells_at_the_edge_of_a_mask_do_not_count(share: float) -> None:
    """They see what lies beyond: one cell of each grid is taken off, and none is added."""
    (region,) = under_masks([manner(1.0)], [1.0], [left(share)], GRIDS, True)
    for grid in GRIDS.values():
        inside = region.cells[grid]
        edge = 64 * share / 64 * grid[1]
        assert inside[:, : int(edge) - 1].all()
        assert not inside[:, round(edge) - 1 + (edge % 1 >= 0.5) :].any()


def test_an_empty_mask_has_no_region_and_a_thin_one_keeps_its_edge() -> None:
    thin = torch.zeros(1, 1, 48, 64)
    thin[..., 10:12] = 1.0
    regions = under_masks([manner(1.0), manner(2.0)], [0.5, 0.5], [left(0), thin], GRIDS, True)
    assert len(regions) == 1 and regions[0].share == 1.0
    assert regions[0].cells[GRIDS["fine"]].sum() == 24


def test_a_place_of_a_region_is_its_cells_row_by_row() -> None:
    (region,) = under_masks([manner(1.0)], [1.0], [left(0.5)], GRIDS, True)
    part = region.part(GRIDS["coarse"], (slice(2, 4), slice(1, 5)))
    assert part is not None
    assert part[:, 0].tolist() == [1, 1, 0, 0] * 2
