"""Where colours come from: what is matched, and what stays exactly."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.style.colours import dressed, grey, opponent_axes, recoloured, to_opponent


def picture(seed: int, width: int = 40, height: int = 30) -> Image.Image:
    """Soft random colours, away from black and white so that nothing is clipped."""
    random = np.random.default_rng(seed)
    centre, spread = random.uniform(90, 160, 3), random.uniform(8, 25, (3, 3))
    values = random.standard_normal((height, width, 3)) @ spread / 2 + centre
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def colours(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=np.float64).reshape(-1, 3)


def test_opponent_axes_are_orthonormal() -> None:
    axes = opponent_axes(torch.zeros(1, dtype=torch.float64))
    assert torch.allclose(axes @ axes.T, torch.eye(3, dtype=torch.float64), atol=1e-8)
    light = to_opponent(torch.full((1, 3, 2, 2), 0.4))
    assert torch.allclose(light[:, 1:], torch.zeros(1, 2, 2, 2), atol=1e-7)


def test_the_styles_colours_are_left_alone() -> None:
    style = picture(1)
    assert dressed(style, picture(2), "style") is style


@given(seed=st.integers(0, 10_000))
def test_covariance_gives_the_photographs_mean_and_covariance(seed: int) -> None:
    style, photograph = picture(seed), picture(seed + 1)
    found, wanted = (
        colours(each) for each in (dressed(style, photograph, "covariance"), photograph)
    )
    assert np.abs(found.mean(0) - wanted.mean(0)).max() < 1
    error = np.linalg.norm(np.cov(found.T) - np.cov(wanted.T)) / np.linalg.norm(np.cov(wanted.T))
    assert error < 0.2  # eight bits a channel, of spreads of a few levels


@given(seed=st.integers(0, 10_000))
def test_histogram_gives_each_axis_the_photographs_values(seed: int) -> None:
    style, photograph = picture(seed), picture(seed + 1)
    axes = opponent_axes(torch.zeros(1)).numpy()
    levels = np.linspace(0.05, 0.95, 19)
    pair = (dressed(style, photograph, "histogram"), photograph)
    found, wanted = (np.quantile(colours(each) @ axes.T, levels, axis=0) for each in pair)
    assert np.abs(found - wanted).max() < 3


def test_histogram_keeps_the_order_of_light() -> None:
    style = picture(5)
    order = np.argsort(colours(style).sum(1))
    light = colours(dressed(style, picture(6), "histogram")).sum(1)[order]
    assert np.diff(light).min() > -6  # rounding of three channels


def test_for_light_alone_the_style_is_grey_and_as_contrasted_as_the_photograph() -> None:
    style, photograph = picture(7), picture(8)
    worn = colours(dressed(style, photograph, "photograph"))
    assert (worn == worn[:, :1]).all()
    light = colours(grey(photograph))[:, 0]
    assert worn[:, 0].mean() == pytest.approx(light.mean(), abs=1)
    assert worn[:, 0].std() == pytest.approx(light.std(), rel=0.05)


def test_a_style_of_one_colour_can_be_dressed() -> None:
    plain = Image.new("RGB", (20, 20), (10, 200, 30))
    for mode in ("histogram", "covariance", "photograph"):
        worn = colours(dressed(plain, picture(9), mode))
        assert np.isfinite(worn).all()
        assert np.abs(worn.mean(0).mean() - colours(picture(9)).mean()) < 12


@given(seed=st.integers(0, 10_000))
def test_light_alone_changes_no_colour_difference(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    photograph = torch.rand(1, 3, 9, 7, generator=generator)
    painted = torch.rand(1, 3, 9, 7, generator=generator) * 1.6 - 0.3
    made = recoloured(painted, photograph)
    differences = [to_opponent(each)[:, 1:] for each in (made, photograph)]
    assert torch.allclose(*differences, atol=1e-6)
    assert made.min() >= -1e-6 and made.max() <= 1 + 1e-6
    free = ((made > 1e-3) & (made < 1 - 1e-3)).all(1)  # where no channel met an end
    light = [each.mean(1)[free] for each in (made, painted)]
    assert torch.allclose(*light, atol=1e-5)
