"""A picture seen in tiles is the picture seen whole, forwards and backwards."""

import copy
from dataclasses import replace

import pytest
import torch

from models.backbones import BACKBONES, load_backbone
from models.sections import Section
from models.style.recipes import CLASSIC, LIGHT
from models.style.sight import Sight, View
from models.weights import Weights

SIZES = [(150, 211), (64, 64), (97, 130), (33, 200)]


class InTiles:
    """A network whose tiles are small enough for a test."""

    def __init__(self, network: torch.nn.Module, tiles: tuple[int, ...]) -> None:
        self.network = network
        self.tiles = tiles

    @property
    def sections(self) -> tuple[Section, ...]:
        pairs = zip(self.network.sections, self.tiles, strict=False)  # type: ignore[arg-type]
        return tuple(replace(section, tile=tile) for section, tile in pairs)


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> torch.nn.Module:
    weights = Weights(None, tmp_path_factory.mktemp("cache"))
    return load_backbone("efficientnet_lite0", torch.device("cpu"), weights)


@pytest.fixture(scope="module")
def vgg() -> torch.nn.Module:
    """VGG-16 as it is before it learns: tiles do not depend on what its weights are."""
    torch.manual_seed(3)
    return BACKBONES["vgg16"].build().eval().requires_grad_(False)


def seen(
    network: object, taps: list[str], margin: int, whole: int, picture: torch.Tensor
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """All activations, and the gradient of a sum of their squares about 0.3."""
    sight = Sight(network, taps, margin, whole)  # type: ignore[arg-type]
    found = {}

    def show(view: View) -> None:
        if view.tap not in found:
            grid = sight.grid_of(view.tap, picture)
            found[view.tap] = picture.new_full((1, view.cells.shape[1], *grid), torch.nan)
        assert found[view.tap][:, :, *view.place].isnan().all()  # every cell is shown once
        found[view.tap][:, :, *view.place] = view.cells

    look = sight.look(picture, show, graph=True)
    gradient = sight.back(look, lambda view: (view.cells - 0.3) / view.cells.shape[1])
    return found, gradient


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    return ((a - b).norm() / b.norm()).item()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["light", "vgg"])
def test_tiles_change_nothing(
    name: str, size: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    network = request.getfixturevalue(name)
    recipe, tiles = (LIGHT, (64, 16, 8)) if name == "light" else (CLASSIC, (64, 16))
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    taps = list(recipe.style)
    whole, slope = seen(network, taps, recipe.margin, 10**9, picture)
    tiled, tiled_slope = seen(InTiles(network, tiles), taps, recipe.margin, 0, picture)
    for tap in taps:
        assert not whole[tap].isnan().any()
        assert relative(tiled[tap], whole[tap]) < 5e-6
    assert relative(tiled_slope, slope) <= 1e-5


def test_without_a_margin_odd_sides_keep_their_grid(vgg: torch.nn.Module) -> None:
    vgg.double()
    picture = torch.rand(
        1, 3, 97, 131, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    taps = ["relu1_2", "relu3_1", "relu4_2"]
    whole, slope = seen(vgg, taps, 0, 10**9, picture)
    tiled, tiled_slope = seen(InTiles(vgg, (64, 16)), taps, 0, 0, picture)
    direct = vgg(picture, taps)
    for tap in taps:
        assert relative(whole[tap], direct[tap]) < 1e-12
        assert relative(tiled[tap], whole[tap]) < 1e-12
    vgg.float()
    assert relative(tiled_slope, slope) < 1e-12


def test_the_way_back_is_autograds(light: torch.nn.Module) -> None:
    """The gradient through margin, sections and views against one plain graph."""
    light.double()
    picture = torch.rand(
        1, 3, 32, 48, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    _, slope = seen(light, ["0", "4", "7"], 0, 10**9, picture)
    x = picture.requires_grad_()
    found = light(x, ["0", "4", "7"])
    total = sum(((y - 0.3).square() / 2 / y.shape[1]).sum() for y in found.values())
    (wanted,) = torch.autograd.grad(total, x)  # type: ignore[arg-type]
    light.float()
    assert relative(slope, wanted) < 1e-12


def test_only_the_sections_that_are_needed_are_run(light: torch.nn.Module) -> None:
    assert len(Sight(light, ["stem", "4"], 16, 1).sections) == 1  # type: ignore[arg-type]
    assert len(Sight(light, ["stem", "10"], 16, 1).sections) == 2  # type: ignore[arg-type]
    assert Sight(light, ["stem", "10"], 16, 1).grid == 16  # type: ignore[arg-type]


@pytest.mark.parametrize("whole", [10**9, 0])
def test_in_bfloat16_statistics_stay_in_float32(light: torch.nn.Module, whole: int) -> None:
    """As on a GPU: convolutions in half the bytes, what is shown and asked in float32."""
    half = copy.deepcopy(light)
    for parameter in half.parameters():
        parameter.data = parameter.data.bfloat16()
    picture = torch.rand(1, 3, 70, 90, generator=torch.Generator().manual_seed(1))
    taps = ["stem", "2", "7"]
    found, slope = seen(InTiles(half, (64, 16, 8)), taps, 16, whole, picture)
    wanted, exact = seen(light, taps, 16, 10**9, picture)
    assert slope.dtype == torch.float32 and found["7"].dtype == torch.float32
    for tap in taps:
        assert relative(found[tap], wanted[tap]) < 0.05  # eight bits of digits, layer by layer
    assert torch.cosine_similarity(slope.flatten(), exact.flatten(), dim=0) > 0.97
