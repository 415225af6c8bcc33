"""The palette as a distribution of colours."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from models.style.palette import QUANTILES, palette_distance, quantiles, resampled


def palette_of(picture: torch.Tensor) -> torch.Tensor:
    return resampled(quantiles(picture), QUANTILES)


def blocks(seed: int, side: int = 12) -> torch.Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


@given(st.integers(0, 10_000))
def test_where_colours_are_does_not_matter(seed: int) -> None:
    picture = blocks(seed)
    order = torch.randperm(144, generator=torch.Generator().manual_seed(seed))
    shuffled = picture.flatten(2)[:, :, order].reshape(picture.shape)
    palette = palette_of(picture)
    assert palette_distance(shuffled, palette).item() < 1e-4
    assert torch.equal(quantiles(picture), quantiles(shuffled))


@given(st.integers(0, 10_000))
def test_another_size_has_the_same_palette(seed: int) -> None:
    picture = blocks(seed)
    large = picture.repeat_interleave(16, 2).repeat_interleave(16, 3)  # averaged down by 2
    assert palette_distance(large, palette_of(picture)).item() < 1e-2


def test_a_colour_that_the_style_does_not_have_is_far_even_with_its_mean_and_covariance() -> None:
    generator = torch.Generator().manual_seed(3)
    two = (torch.rand(1, 1, 64, 64, generator=generator) < 0.5).float() - 0.5
    normal = torch.randn(1, 1, 64, 64, generator=generator) * 0.5
    normal = (normal - normal.mean()) / normal.std() * two.std() + two.mean()
    light = torch.tensor([1.0, 1.0, 1.0]).view(1, 3, 1, 1)
    palette = palette_of(two * light)
    assert palette_distance(two * light, palette).item() < 1e-3
    assert palette_distance(normal * light, palette).item() > 0.1


def test_a_style_of_one_colour_is_no_division_by_zero() -> None:
    grey = torch.full((1, 3, 4, 4), 0.5)
    assert torch.isfinite(palette_distance(blocks(1), palette_of(grey)))
