"""The networks as far as their last layer: shapes, weights, and what is said of wrong ones."""

import json
from pathlib import Path

import pytest
import torch
from torchvision import models as zoo

from models.images import open_picture
from models.options import InvalidOption
from models.species.classifier import views_of
from models.species.trunks import (
    build_trunk,
    digest_of,
    load_trunk,
    looks_at,
    pooled,
    preprocessing_of,
    source_of,
)  # fmt: skip
from models.tensors import to_tensor
from models.torchvision_trunk import UnknownNetwork
from models.weights import Weights, WeightsDamaged, WeightsMissing, read_weights

ROOT = Path(__file__).parents[3]
REAL = ROOT.parent / "shared" / "data" / "weights" / "resnet50_imagenet_kerasv1_tvnorm_fp16.pth"
CAT = ROOT / "static" / "samples" / "content" / "chelsea.jpg"
PICTURES = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("name", "channels", "half"),
    [
        ("efficientnet_lite0", 1280, 112), ("efficientnet_lite2", 1280, 120),
        ("resnet50", 2048, 1024), ("resnet50_v1", 2048, 1024), ("resnet18", 512, 256),
    ],
)  # fmt: skip
@torch.inference_mode()
def test_features_by_place(name: str, channels: int, half: int) -> None:
    trunk = build_trunk(name)
    assert not trunk.training and trunk.spatial
    assert (trunk.channels, trunk.half_channels) == (channels, half)
    features, finer = trunk.maps(PICTURES)
    assert features.shape == (2, channels, 2, 3) and finer.shape == (2, half, 4, 6)
    assert torch.allclose(trunk(PICTURES), features, rtol=1e-3, atol=1e-3)
    both = pooled(trunk, PICTURES)
    assert torch.allclose(both[:, :channels], trunk(PICTURES).mean((2, 3)), rtol=1e-3, atol=1e-3)
    assert torch.allclose(both[:, channels:], finer.mean((2, 3)), rtol=1e-3, atol=1e-3)


@torch.inference_mode()
def test_features_of_the_whole_where_there_are_none_by_place() -> None:
    trunk = build_trunk("mobilenet_v3_small")
    assert (trunk.channels, trunk.half_channels, trunk.spatial) == (1024, 1, False)
    features, half = trunk.maps(PICTURES)
    assert features.shape == (2, 1024, 1, 1) and half.shape == (2, 1, 2, 2) and not half.any()
    assert pooled(trunk, PICTURES).shape == (2, 1025)
    assert build_trunk("vit_b_16").channels == 768


def test_a_name_that_is_no_network_is_refused(tmp_path: Path) -> None:
    weights = Weights(None, tmp_path)
    for name in ("dodonet", "fasterrcnn_resnet50_fpn"):
        for refuses in (build_trunk, preprocessing_of, source_of):
            with pytest.raises(UnknownNetwork, match=name):
                refuses(name)
        with pytest.raises(UnknownNetwork):
            load_trunk(name, weights)
    with pytest.raises(UnknownNetwork, match="no linear layer"):
        build_trunk("squeezenet1_1")


def saved(folder: Path, name: str, network: str) -> dict[str, torch.Tensor]:
    """torchvision's network with weights by chance, as a file of that name."""
    torch.manual_seed(1)
    state = {key: value.clone() for key, value in zoo.get_model(network).state_dict().items()}
    torch.save(state, folder / name)
    return state


@pytest.mark.parametrize("network", ["resnet18", "mobilenet_v3_small"])
@torch.inference_mode()
def test_weights_with_torchvisions_names_are_taken(tmp_path: Path, network: str) -> None:
    state = saved(tmp_path, f"{network}-mine.pth", network)
    found = load_trunk(network, Weights(tmp_path, tmp_path / "cache"), 96)
    assert (found.name, found.preprocessing.pixels) == (network, 96)
    whole = zoo.get_model(network).eval()
    whole.load_state_dict(state)
    mean, std = (torch.tensor(each).view(3, 1, 1) for each in (
        (0.485, 0.456, 0.406), (0.229, 0.224, 0.225),
    ))  # fmt: skip
    wanted = whole((PICTURES - mean) / std)
    last = [each for each in whole.modules() if isinstance(each, torch.nn.Linear)][-1]
    scores = last(found.trunk(PICTURES).mean((2, 3)))
    assert torch.allclose(scores, wanted, atol=1e-4)


def test_a_size_that_a_network_cannot_look_at_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, "maxvit_t.pth", "maxvit_t")
    weights = Weights(tmp_path, tmp_path / "cache")
    assert load_trunk("maxvit_t", weights, 224).preprocessing.pixels == 224
    with pytest.raises(InvalidOption, match="pixels: maxvit_t looks at 224 px and at nothing else"):
        load_trunk("maxvit_t", weights, 192)
    assert not looks_at(build_trunk("vit_b_16"), 192)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("resnet50_imagenet_kerasv1_tvnorm_fp16.pth", "resnet50_v1"),
        ("resnet50-caffe.pth", "resnet50_v1"), ("resnet50_v1.safetensors", "resnet50_v1"),
        ("resnet50_v1.5.pth", "resnet50"), ("resnet50-11ad3fa6.pth", "resnet50"),
        ("resnet50_IMAGENET1K_V1.pth", "resnet50"), ("resnet50_V2.pth", "resnet50"),
    ],
)  # fmt: skip
def test_a_resnet_strides_as_its_file_is_called(
    tmp_path: Path, file: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / file).write_bytes(b"weights")
    state = zoo.resnet50().state_dict()
    monkeypatch.setattr("models.species.trunks.read_weights", lambda path: state)
    found = load_trunk("resnet50", Weights(tmp_path, tmp_path / "cache"))
    assert found.name == name
    net = found.trunk.net
    for layer in (net.layer2, net.layer3, net.layer4):
        strides = layer[0].conv1.stride, layer[0].conv2.stride
        early = ((2, 2), (1, 1))
        assert strides == (early if name == "resnet50_v1" else early[::-1])


@torch.inference_mode()
def test_striding_early_is_what_the_paper_drew() -> None:
    """The first block of a stage by hand: every second pixel of what the 1x1 convolution sees."""
    torch.manual_seed(2)
    trunk = build_trunk("resnet50_v1")
    block = trunk.net.layer2[0]
    x = torch.rand(1, 256, 8, 8)
    thin = x[:, :, ::2, ::2]
    out = torch.relu(block.bn1(torch.nn.functional.conv2d(thin, block.conv1.weight)))
    out = torch.relu(block.bn2(torch.nn.functional.conv2d(out, block.conv2.weight, padding=1)))
    out = block.bn3(torch.nn.functional.conv2d(out, block.conv3.weight))
    skip = block.downsample[1](torch.nn.functional.conv2d(thin, block.downsample[0].weight))
    assert torch.allclose(block(x), torch.relu(out + skip), atol=1e-5)
    late = build_trunk("resnet50")
    late.load_state_dict(trunk.state_dict())
    assert not torch.allclose(late(PICTURES), trunk(PICTURES), atol=1e-3)


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    saved(tmp_path, "resnet34.pth", "resnet18")
    saved(tmp_path, "efficientnet_lite0.pth", "resnet18")
    for name in ("resnet34", "efficientnet_lite0"):
        with pytest.raises(WeightsDamaged, match=f"{name}.pth holds the weights of another"):
            load_trunk(name, Weights(tmp_path, tmp_path / "cache"))


def test_where_weights_cannot_be_had_the_way_out_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(WeightsMissing, match="efficientnet_lite0, which needs no download"):
        load_trunk("resnet50", Weights(None, tmp_path / "cache"))
    source = source_of("resnet50")
    assert source.url is not None and source.sha256 in source.url and len(source.sha256) == 8


@pytest.mark.parametrize(
    ("name", "pixels", "share"),
    [("efficientnet_lite2", 260, 0.875), ("resnet50_v1", 224, 0.875), ("resnet50", 224, 224 / 232),
     ("efficientnet_b0", 224, 224 / 256)],
)  # fmt: skip
def test_what_networks_look_at(name: str, pixels: int, share: float) -> None:
    found = preprocessing_of(name)
    assert (found.pixels, found.share) == (pixels, pytest.approx(share))


def test_a_digest_tells_networks_and_their_weights_apart() -> None:
    one, other = build_trunk("resnet18"), build_trunk("resnet18")
    assert digest_of(one) != digest_of(other)
    other.load_state_dict(one.state_dict())
    assert digest_of(one) == digest_of(other.to(memory_format=torch.channels_last))
    with torch.no_grad():
        next(other.parameters())[0, 0, 0, 0] += 1e-3
    assert digest_of(one) != digest_of(other)


@pytest.mark.skipif(not REAL.exists(), reason=f"{REAL.name} is not on this machine")
@torch.inference_mode()
def test_a_real_resnet_names_a_cat() -> None:
    found = load_trunk("resnet50", Weights(REAL.parent, Path("/nowhere")))
    assert found.name == "resnet50_v1"
    state = read_weights(REAL)
    views = views_of(open_picture(CAT), found.preprocessing)
    features = found.trunk(torch.cat([to_tensor(each) for each in views])).mean((2, 3))
    scores = features @ state["fc.weight"].T + state["fc.bias"]
    labels = json.loads((REAL.parent / "imagenet_labels.json").read_text())
    best = int(scores.mean(0).argmax())
    name = labels[best] if isinstance(labels, list) else labels[str(best)]
    assert "cat" in str(name).lower() or "tabby" in str(name).lower()
