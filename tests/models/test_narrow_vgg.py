"""Our own network: VGG's taps and strides, narrower, seen through a root."""

import pytest
import torch

from models.narrow_shape import Shape
from models.narrow_vgg import NarrowVGG
from models.vgg import VGG

SMALL = Shape((4, 6, 8, 10))


@pytest.mark.parametrize("size", [(1, 1), (2, 70), (33, 48)])
def test_taps_are_vggs_on_the_same_grids(size: tuple[int, int]) -> None:
    narrow = NarrowVGG(SMALL)
    vgg = VGG((2, 2, 3, 2), (4, 4, 4, 4))
    assert narrow.taps == vgg.taps
    pictures = torch.rand(2, 3, *size)
    found, wanted = narrow(pictures, narrow.taps), vgg(pictures, vgg.taps)
    for tap in vgg.taps:
        assert found[tap].shape[2:] == wanted[tap].shape[2:], tap
    assert [found[f"relu{block}_1"].shape[1] for block in (1, 2, 3, 4)] == list(SMALL.widths)


def test_roots_are_for_measuring_and_change_nothing_that_is_seen() -> None:
    torch.manual_seed(0)
    plain, rooted = NarrowVGG(SMALL, plain=True), NarrowVGG(SMALL)
    rooted.load_state_dict(plain.state_dict(), strict=False)
    rooted.roots["relu2_1"].data.copy_(torch.randn(6, 6))
    pictures = torch.rand(1, 3, 20, 20)
    bare, seen = (each(pictures, ["relu2_1", "relu4_2"]) for each in (plain, rooted))
    assert all(torch.equal(bare[tap], seen[tap]) for tap in bare)
    assert plain.root("relu2_1") is None and rooted.root("relu2_1") is rooted.roots["relu2_1"]


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(RuntimeError):
        NarrowVGG(SMALL).read(NarrowVGG(Shape((4, 6, 8, 12))).state_dict())


def test_it_pools_as_it_was_taught_whatever_is_asked_for() -> None:
    narrow = NarrowVGG(SMALL)
    assert narrow.pooled("max", rescaled=True) is narrow
