"""The mathematics of the losses, as properties."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.style.colours import to_opponent
from models.style.losses import gram, overshoot, relative_distance, roughness

seeds = st.integers(0, 2**31)
sides = st.integers(2, 9)


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(seeds, sides, sides, st.integers(1, 6))
def test_gram_is_the_papers_sum_over_positions(seed: int, h: int, w: int, channels: int) -> None:
    x = random(1, channels, h, w, seed=seed)
    flat = x.numpy().reshape(channels, -1)
    wanted = np.einsum("ik,jk->ij", flat, flat) / (h * w)
    assert np.allclose(gram(x)[0].numpy(), wanted)


@given(seeds, sides, sides)
def test_gram_forgets_where_things_are(seed: int, h: int, w: int) -> None:
    x = random(1, 4, h, w, seed=seed)
    order = torch.randperm(h * w, generator=torch.Generator().manual_seed(seed))
    shuffled = x.flatten(2)[:, :, order].reshape(1, 4, w, h)
    assert torch.allclose(gram(x), gram(shuffled))


@given(seeds, st.integers(1, 4))
def test_gram_does_not_grow_with_the_picture(seed: int, times: int) -> None:
    x = random(1, 3, 4, 5, seed=seed)
    assert torch.allclose(gram(x), gram(x.repeat(1, 1, times, times)))


@given(seeds)
def test_gram_is_symmetric_and_has_no_negative_direction(seed: int) -> None:
    matrix = gram(random(1, 5, 3, 3, seed=seed) - 0.5)[0]
    assert torch.equal(matrix, matrix.T)
    assert torch.linalg.eigvalsh(matrix).min() > -1e-12


@given(seeds)
def test_gram_about_the_mean_is_the_covariance(seed: int) -> None:
    x = random(1, 4, 6, 7, seed=seed)
    about_mean = gram(x, x.mean((2, 3), keepdim=True))[0].numpy()
    assert np.allclose(about_mean, np.cov(x.flatten(2)[0].numpy(), bias=True))


@given(seeds, st.floats(0.01, 100))
def test_a_distance_is_relative_to_its_target(seed: int, factor: float) -> None:
    value, target = random(1, 3, 4, 4, seed=seed), random(1, 3, 4, 4, seed=seed + 1) + 0.1
    distance = relative_distance(value, target)
    assert relative_distance(value * factor, target * factor).item() == pytest.approx(
        distance.item(), rel=1e-2
    )
    assert relative_distance(target, target).item() == 0
    assert relative_distance(torch.zeros_like(target), target).item() == pytest.approx(1, rel=1e-5)


def test_a_distance_to_nothing_is_finite() -> None:
    assert torch.isfinite(relative_distance(random(1, 2, 3, 3), torch.zeros(1, 2, 3, 3)))


@given(seeds)
def test_opponent_colours_turn_and_keep_their_length(seed: int) -> None:
    rgb = random(1, 3, 3, 4, seed=seed)
    opponent = to_opponent(rgb)
    assert torch.allclose(opponent.square().sum(), rgb.square().sum())


def test_grey_has_no_colour() -> None:
    grey = torch.full((1, 3, 2, 2), 0.4, dtype=torch.float64)
    assert to_opponent(grey)[:, 1:].abs().max() < 1e-6


def test_roughness_by_hand() -> None:
    picture = torch.zeros(1, 3, 2, 2, dtype=torch.float64)
    picture[:, :, 0, 0] = 1.0  # white: light is sqrt(3), two differences of that
    assert roughness(picture, 30.0)[0].item() == pytest.approx(6 / 12, rel=1e-6)


@given(seeds, st.floats(1, 100))
def test_noise_of_colour_is_rougher_than_noise_of_light(seed: int, chroma: float) -> None:
    noise = random(1, 1, 6, 6, seed=seed)
    light = noise.repeat(1, 3, 1, 1)
    colour = torch.cat([noise, torch.zeros_like(noise), -noise], 1) * (3 / 2) ** 0.5
    assert roughness(colour, chroma)[0].item() == pytest.approx(
        chroma * roughness(light, chroma)[0].item(), rel=1e-5
    )


def test_a_flat_picture_is_smooth_and_a_pixel_has_no_neighbours() -> None:
    assert roughness(torch.full((1, 3, 5, 5), 0.3), 30.0)[0].item() == 0
    assert roughness(torch.rand(1, 3, 1, 1), 30.0)[0].item() == 0


@given(st.floats(-3, 4))
def test_only_what_cannot_be_shown_overshoots(value: float) -> None:
    outside = max(0.0, -value, value - 1)
    found = overshoot(torch.full((1, 3, 2, 2), value, dtype=torch.float64))[0].item()
    assert found == pytest.approx(outside**2)


@given(seeds, sides, sides, st.floats(1, 100))
def test_gradients_by_hand_are_autograds(seed: int, h: int, w: int, chroma: float) -> None:
    """Against the definitions, written with whole pictures."""
    x = (random(1, 3, h, w, seed=seed) * 1.6 - 0.3).requires_grad_()
    opponent = to_opponent(x)
    weights = opponent.new_tensor([1.0, chroma, chroma]).view(1, 3, 1, 1)
    rough = sum((opponent.diff(dim=dim).square() * weights).sum() for dim in (2, 3)) / x.numel()
    over = (x - x.clamp(0, 1)).square().mean()
    made = roughness(x.detach(), chroma), overshoot(x.detach())
    for (value, gradient), wanted in zip(made, (rough, over), strict=True):
        (slope,) = torch.autograd.grad(wanted, x)
        assert value.item() == pytest.approx(wanted.item())
        assert torch.allclose(gradient, slope)
