"""The whole loss: its gradient, its parts, its weights."""

from pathlib import Path

import pytest
import torch

from models.backbones import load_backbone
from models.style.objective import Objective, targets
from models.style.options import PaintOptions
from models.style.painters import LIGHT
from models.weights import Weights


def pictures() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    shapes = (1, 3, 24, 20), (1, 3, 18, 26), (1, 3, 24, 20)
    return tuple(torch.rand(s, generator=generator, dtype=torch.float64) for s in shapes)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def objective(tmp_path_factory: pytest.TempPathFactory) -> Objective:
    folder: Path = tmp_path_factory.mktemp("cache")
    network = load_backbone("efficientnet_lite0", torch.device("cpu"), Weights(None, folder))
    network.double()
    content, style, _ = pictures()
    return Objective(network, LIGHT, targets(network, LIGHT, content, [style]), PaintOptions())


def test_the_gradient_is_the_slope_of_the_total(objective: Objective) -> None:
    x = pictures()[2] * 1.2 - 0.1  # some of it outside 0..1
    losses, gradient = objective.evaluate(x)
    generator = torch.Generator().manual_seed(9)
    for _ in range(5):
        direction = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        step = 1e-6
        ahead, behind = (
            objective.evaluate(x + sign * step * direction)[0]["total"] for sign in (1, -1)
        )
        slope = (gradient * direction).sum().item()
        assert (ahead - behind) / (2 * step) == pytest.approx(slope, rel=1e-3, abs=1e-6)
    assert losses["total"] > 0


def test_content_and_style_measure_what_they_say(objective: Objective) -> None:
    content, _, other = pictures()
    at_content, at_other = (objective.evaluate(x)[0] for x in (content, other))
    assert at_content["content"] == pytest.approx(0, abs=1e-12)
    assert at_other["content"] > 0.1 and at_content["style"] > 0.01


def test_a_picture_that_is_the_style_has_no_style_loss(objective: Objective) -> None:
    _, style, _ = pictures()
    same = targets(objective.network, LIGHT, style, [style])
    losses = Objective(objective.network, LIGHT, same, PaintOptions()).evaluate(style)[0]
    assert losses["style"] < 1e-4 and losses["content"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("strength", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_strength_moves_weight_from_content_to_style(objective: Objective, strength: float) -> None:
    options = PaintOptions(strength=strength)
    alpha, beta, smoothness = Objective(
        objective.network, LIGHT, objective.targets, options
    ).weights
    assert alpha + beta == pytest.approx(1)
    assert beta == pytest.approx(
        LIGHT.balance * strength**2 / ((1 - strength) ** 2 + LIGHT.balance * strength**2)
    )
    assert smoothness == pytest.approx(LIGHT.roughness * beta)


def test_targets_of_several_styles_are_their_mean(objective: Objective) -> None:
    content, style, other = pictures()
    one, two, both = (
        targets(objective.network, LIGHT, content, styles)
        for styles in ([style], [other], [style, other])
    )
    for tap, (centre, _) in both.style.items():
        assert torch.allclose(centre, (one.style[tap][0] + two.style[tap][0]) / 2)
    assert torch.allclose(both.palette, (one.palette + two.palette) / 2)
