"""Our networks against torchvision's and against the definition of batch normalisation."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F
from torchvision.models import vgg16, vgg19

from models.backbones import BACKBONES, load_backbone
from models.efficientnet_lite import EPSILON
from models.padding import replicate, same
from models.weights import Weights, WeightsDamaged

CPU = torch.device("cpu")


@pytest.mark.parametrize(("name", "reference"), [("vgg16", vgg16), ("vgg19", vgg19)])
def test_vgg_sees_what_torchvisions_sees(tmp_path: Path, name: str, reference: object) -> None:
    torch.manual_seed(0)
    theirs = reference().features  # type: ignore[operator]
    state = {f"features.{key}": value for key, value in theirs.state_dict().items()}
    torch.save(state, tmp_path / f"{name}.pth")
    mine = load_backbone(name, CPU, Weights(tmp_path, tmp_path))
    picture = torch.rand(1, 3, 48, 40)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    found = mine(picture, ["relu1_1", "relu1_2"])
    assert list(found) == ["relu1_1", "relu1_2"]
    x = theirs[:4]((picture - mean) / std)  # torchvision pads with zeros: compare inside
    assert torch.allclose(found["relu1_2"][..., 2:-2, 2:-2], x[..., 2:-2, 2:-2], atol=1e-5)
    deepest = mine(picture, [mine.taps[-1]])[mine.taps[-1]]
    assert deepest.shape == (1, 512, 3, 3)


def test_efficientnet_folds_its_batch_normalisation_exactly(tmp_path: Path) -> None:
    weights = Weights(None, tmp_path)
    network = load_backbone("efficientnet_lite0", CPU, weights)
    state = weights.load(BACKBONES["efficientnet_lite0"].weights)
    picture = torch.rand(1, 3, 33, 46)

    def normalised(x: torch.Tensor, norm: str) -> torch.Tensor:
        parts = [state[f"{norm}.{part}"] for part in ("running_mean", "running_var")]
        scale = [state[f"{norm}.{part}"] for part in ("weight", "bias")]
        return F.batch_norm(x, *parts, *scale, eps=EPSILON)

    x = (picture * 255 - 127) / 128
    x = replicate(x, *same(33, 3, 2), *same(46, 3, 2))
    x = F.conv2d(x, state["_conv_stem.weight"], stride=2)
    stem = normalised(x, "_bn0").clamp(0, 6)
    x = replicate(stem, 1, 1, 1, 1)
    x = F.conv2d(x, state["_blocks.0._depthwise_conv.weight"], groups=32)
    depth = normalised(x, "_blocks.0._bn1").clamp(0, 6)
    out = normalised(F.conv2d(depth, state["_blocks.0._project_conv.weight"]), "_blocks.0._bn2")
    found = network(picture, ["stem", "0.depth", "0"])
    for tap, wanted in (("stem", stem), ("0.depth", depth), ("0", out)):
        assert torch.allclose(found[tap], wanted, atol=1e-4), tap


def test_only_what_is_wanted_runs_and_nothing_learns(tmp_path: Path) -> None:
    network = load_backbone("efficientnet_lite0", CPU, Weights(None, tmp_path))
    assert network.taps[:4] == ("stem", "0.depth", "0", "1.depth")
    ran = []
    for index, block in enumerate(network.blocks):  # type: ignore[union-attr, arg-type]
        block.register_forward_hook(lambda *_, index=index: ran.append(index))
    assert list(network(torch.rand(1, 3, 32, 32), ["2"])) == ["2"]
    assert ran == [0, 1, 2]
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("size", [(1, 1), (2, 70), (17, 33)])
def test_any_size_goes_in_and_strides_round_up(tmp_path: Path, size: tuple[int, int]) -> None:
    network = load_backbone("efficientnet_lite0", CPU, Weights(None, tmp_path))
    found = network(torch.rand(1, 3, *size), ["stem", "10"])
    assert found["stem"].shape[2:] == tuple(-(-side // 2) for side in size)
    assert found["10"].shape[2:] == tuple(-(-side // 16) for side in size)


def test_a_flat_picture_looks_the_same_everywhere(tmp_path: Path) -> None:
    """With zero padding the border of a flat picture would stand out: the frame in paintings."""
    network = load_backbone("efficientnet_lite0", CPU, Weights(None, tmp_path))
    for tap, seen in network(torch.full((1, 3, 64, 64), 0.6), ["stem", "2", "4", "10"]).items():
        assert (seen - seen.mean((2, 3), keepdim=True)).abs().max() < 1e-3, tap


def test_another_networks_weights_are_named(tmp_path: Path) -> None:
    torch.save({"conv1.weight": torch.ones(1)}, tmp_path / "vgg16.pth")
    with pytest.raises(WeightsDamaged, match="vgg16"):
        load_backbone("vgg16", CPU, Weights(tmp_path, tmp_path))
