"""The whole loss: its gradient, its parts, its weights; and the paper's against a reference."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from models.backbones import BACKBONES, Backbone, load_backbone
from models.narrow_shape import Shape
from models.narrow_vgg import NarrowVGG
from models.style.losses import gram, relative_distance
from models.style.manner import study
from models.style.objective import Objective, remember
from models.style.options import PaintOptions
from models.style.recipe import Recipe
from models.style.recipes import LIGHT, MERIAN, PAPER
from models.style.regions import everywhere, under_masks
from models.style.sight import Sight
from models.weights import Weights

Seen = dict[str, torch.Tensor]


def random(*shape: int, seed: int = 5) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


CONTENT, STYLE, OTHER = (
    random(1, 3, 24, 20),
    random(1, 3, 18, 26, seed=6),
    random(1, 3, 24, 20, seed=7),
)


def objective(
    network: Backbone,
    recipe: Recipe = LIGHT,
    styles: tuple[torch.Tensor, ...] = (STYLE,),
    masks: tuple[torch.Tensor, ...] = (),
    weights: tuple[float, ...] = (1.0, 1.0),
    content: torch.Tensor = CONTENT,
    **options: object,
) -> Objective:
    sight = Sight(network, list({**recipe.style, **recipe.content}), recipe.margin, 10**9)
    manners = [study(replace(sight, taps=list(recipe.style)), style) for style in styles]
    shares = [weight / sum(weights[: len(styles)]) for weight in weights[: len(styles)]]
    if masks:
        grids = {tap: sight.grid_of(tap, content) for tap in recipe.style}
        regions = under_masks(manners, shares, masks, grids, about_mean=True)
    else:
        regions = [everywhere(manners, shares, list(recipe.style), not recipe.letter)]
    kept = remember(sight, content, recipe.content)
    return Objective(sight, recipe, PaintOptions.parse(options), content, kept, regions)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    folder: Path = tmp_path_factory.mktemp("cache")
    return load_backbone("efficientnet_lite0", torch.device("cpu"), Weights(None, folder)).double()


@pytest.fixture(scope="module")
def vgg() -> Backbone:
    torch.manual_seed(2)
    return BACKBONES["vgg19"].build().double().eval().requires_grad_(False)


def left(width: int) -> torch.Tensor:
    mask = torch.zeros(1, 1, 24, 20, dtype=torch.float64)
    mask[..., :width] = 1.0
    return mask


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"detail": 0.7, "smoothness": 1.0},
        {"styles": (STYLE, OTHER), "weights": (2.0, 1.0)},
        {"styles": (STYLE, OTHER), "masks": (left(9), 1 - left(12))},
        {"alpha": 3.0, "beta": 2.0},
    ],
    ids=["plain", "detail", "mixed", "masked", "weighed"],
)
def test_the_gradient_is_the_slope_of_the_total(network: Backbone, settings: dict) -> None:
    made = objective(network, **settings)
    x = OTHER * 1.2 - 0.1  # some of it outside 0..1
    losses, gradient = made.evaluate(x)
    generator = torch.Generator().manual_seed(9)
    for _ in range(4):
        direction = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        ahead, behind = (made.evaluate(x + sign * 1e-6 * direction)[0]["total"] for sign in (1, -1))
        slope = (gradient * direction).sum().item()
        assert (ahead - behind) / 2e-6 == pytest.approx(slope, rel=1e-3, abs=1e-6)
    assert losses["total"] > 0


def assert_relative(
    losses: dict[str, float], recipe: Recipe, seen: Seen, wanted: Seen, manner: Seen
) -> None:
    """Losses are those of `losses`, made of whole activations by tap: of what is painted, of the
    photograph and of the style."""
    content = [relative_distance(seen[tap], wanted[tap]).item() for tap in recipe.content]
    assert losses["content"] == pytest.approx(np.mean(content), rel=1e-6)
    style = []
    for tap in recipe.style:
        centre = manner[tap].mean((2, 3), keepdim=True)
        floor = 1e-3 * centre.square().mean().square()
        target = gram(manner[tap], centre)
        style.append(relative_distance(gram(seen[tap], centre), target, floor).item())
    assert losses["style"] == pytest.approx(np.mean(style), rel=1e-5)


@pytest.fixture(scope="module")
def narrow() -> NarrowVGG:
    """A network with a measure of its own at every tap."""
    torch.manual_seed(4)
    made = NarrowVGG(Shape((4, 6, 8, 10))).double().eval().requires_grad_(False)
    for root in made.roots.values():
        torch.nn.init.normal_(root)
    return made


@pytest.mark.parametrize("masks", [(), (left(9), 1 - left(12))], ids=["plain", "masked"])
def test_what_is_measured_through_a_root_is_turned_by_it(
    narrow: NarrowVGG, masks: tuple[torch.Tensor, ...]
) -> None:
    """Cell by cell, as the objective does not do it."""
    recipe = replace(MERIAN, palette=0.0)
    made = objective(narrow, recipe, (STYLE, OTHER) if masks else (STYLE,), masks)
    x = OTHER * 1.2 - 0.1
    losses, gradient = made.evaluate(x)
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(9)).double()
    ahead, behind = (made.evaluate(x + sign * 1e-6 * direction)[0]["total"] for sign in (1, -1))
    slope = (gradient * direction).sum().item()
    assert (ahead - behind) / 2e-6 == pytest.approx(slope, rel=1e-3, abs=1e-6)
    if masks:
        return
    taps = {*recipe.style, *recipe.content}
    seen, wanted, manner = (
        {tap: torch.einsum("ij,njhw->nihw", narrow.roots[tap], each)
         for tap, each in remember(made.sight, picture, taps).items()}
        for picture in (x, CONTENT, STYLE)
    )  # fmt: skip
    assert_relative(losses, recipe, seen, wanted, manner)


def test_style_and_content_are_relative_distances(network: Backbone) -> None:
    """The hand-written sums against whole activations and the losses of `losses`."""
    made = objective(network, replace(LIGHT, palette=0.0))
    taps = {*LIGHT.style, *LIGHT.content}
    seen, wanted, manner = (remember(made.sight, x, taps) for x in (OTHER, CONTENT, STYLE))
    losses, _ = made.evaluate(OTHER)
    assert_relative(losses, LIGHT, seen, wanted, manner)


def test_content_and_style_measure_what_they_say(network: Backbone) -> None:
    made = objective(network)
    at_content, at_other = (made.evaluate(x)[0] for x in (CONTENT, OTHER))
    assert at_content["content"] == pytest.approx(0, abs=1e-12)
    assert at_other["content"] > 0.1 and at_content["style"] > 0.01
    losses = objective(network, content=STYLE).evaluate(STYLE)[0]
    assert losses["style"] < 1e-4 and losses["content"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("strength", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_strength_moves_weight_from_content_to_style(network: Backbone, strength: float) -> None:
    alpha, beta = objective(network, strength=strength).weights
    assert alpha + beta == pytest.approx(1)
    assert beta == pytest.approx(
        LIGHT.balance * strength**2 / ((1 - strength) ** 2 + LIGHT.balance * strength**2)
    )


def test_weights_given_by_hand_are_taken_to_the_letter(network: Backbone) -> None:
    assert objective(network, alpha=2.0, beta=7.0).weights == (2.0, 7.0)
    assert objective(network, beta=7.0).weights == (0.0, 7.0)


def test_a_style_under_a_mask_is_measured_there_alone(network: Backbone) -> None:
    """What lies far outside the mask counts only in the mean colour, into which margins fade."""
    wide = torch.cat([CONTENT] * 8, 3)
    mask = torch.zeros(1, 1, 24, 160, dtype=torch.float64)
    mask[..., :24] = 1.0
    recipe = replace(LIGHT, style={"stem": 1.0, "0": 1.0, "2": 1.0})
    made = objective(network, recipe, masks=(mask,), content=wide)
    changed = wide.clone()
    changed[..., 100:] = wide[..., 100:].flip(3)
    one, other = (made.evaluate(x)[0]["style"] for x in (wide, changed))
    assert one == pytest.approx(other, rel=1e-9)
    alone = objective(network, recipe, masks=(mask,), content=wide, beta=1.0, smoothness=0.0)
    _, slope = alone.evaluate(wide)
    far = slope[..., 100:]
    assert far.std(dim=(2, 3)).max() < 1e-15  # the same for every pixel: the mean's
    assert far.abs().max() < 1e-3 * slope[..., :24].abs().max()


def paper_loss(network: Backbone, x: torch.Tensor) -> torch.Tensor:
    """The course's formulas, written once more with nothing of ours but the network."""
    style_taps = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    found, kept, manner = (network(each, [*style_taps, "relu4_2"]) for each in (x, CONTENT, OTHER))
    content = 0.5 * (found["relu4_2"] - kept["relu4_2"]).square().sum()
    style = torch.zeros((), dtype=torch.float64)
    for tap in style_taps:
        (_, channels, height, width) = found[tap].shape
        g, s = (torch.einsum("nkij,nlij->kl", each[tap], each[tap]) for each in (found, manner))
        style = style + 0.2 * (s - g).square().sum() / (2 * height * width * channels) ** 2
    return 10.0 * content + 40.0 * style


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_paper_preset_is_the_papers_formulas(vgg: Backbone, dtype: torch.dtype) -> None:
    x = random(1, 3, 24, 20, seed=8).requires_grad_()
    wanted = paper_loss(vgg, x)
    (slope,) = torch.autograd.grad(wanted, x)
    vgg.to(dtype)
    made = objective(vgg, PAPER, styles=(OTHER.to(dtype),), content=CONTENT.to(dtype))
    losses, gradient = made.evaluate(x.detach().to(dtype))
    vgg.double()
    assert losses["total"] == pytest.approx(wanted.item(), rel=1e-5)
    assert ((gradient.double() - slope).norm() / slope.norm()).item() <= 1e-5


def test_a_mixture_has_the_styles_mean_and_second_moments(network: Backbone) -> None:
    made = objective(network, styles=(STYLE, OTHER), weights=(3.0, 1.0))
    one, other = (remember(made.sight, each, ["4"])["4"].flatten(2)[0] for each in (STYLE, OTHER))
    centre, wanted = made.regions[0].wanted["4"]
    assert torch.allclose(centre, 0.75 * one.mean(1) + 0.25 * other.mean(1), atol=1e-9)
    mixed = sum(
        share * F.linear(x - centre[:, None], x - centre[:, None]) / x.shape[1]
        for share, x in ((0.75, one), (0.25, other))
    )
    assert torch.allclose(wanted, torch.as_tensor(mixed), atol=1e-9)
