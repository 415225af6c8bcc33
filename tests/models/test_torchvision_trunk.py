"""torchvision's classifiers without their last layer, each as it is built."""

import pytest
import torch
from torchvision import models as zoo

from models.torchvision_trunk import MEAN, STD, TorchvisionTrunk, last_linear

PICTURES = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("name", "last", "channels"),
    [
        ("resnet18", "fc", 512), ("mobilenet_v3_small", "classifier.3", 1024),
        ("efficientnet_b0", "classifier.1", 1280), ("convnext_tiny", "classifier.2", 768),
        ("vit_b_16", "heads.head", 768), ("regnet_y_400mf", "fc", 440),
    ],
)  # fmt: skip
def test_the_last_layer_is_found(name: str, last: str, channels: int) -> None:
    trunk = TorchvisionTrunk(name)
    assert (trunk.last, trunk.channels) == (last, channels)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small"])
@torch.inference_mode()
def test_it_gives_what_the_last_layer_sees(name: str) -> None:
    """Of the whole network with the same weights, as a hook sees it."""
    trunk = TorchvisionTrunk(name).eval()
    whole = zoo.get_model(name).eval()
    whole.load_state_dict(trunk.net.state_dict(), strict=False)
    seen: list[torch.Tensor] = []
    last_linear(whole)[1].register_forward_pre_hook(lambda layer, given: seen.append(given[0]))
    whole((PICTURES - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1))
    assert torch.allclose(trunk(PICTURES).mean((2, 3)), seen[0], rtol=1e-3, atol=1e-4)


def test_only_the_weights_are_in_its_state() -> None:
    trunk = TorchvisionTrunk("resnet18")
    assert not {"mean", "std"} & trunk.state_dict().keys()
    assert not any(name.startswith("net.fc") for name in trunk.state_dict())


def test_weights_are_read_with_and_without_the_last_layer_and_counters() -> None:
    state = zoo.resnet18().state_dict()
    without = {
        name: value for name, value in state.items()
        if not name.startswith("fc.") and not name.endswith("num_batches_tracked")
    }  # fmt: skip
    for each in (state, without):
        trunk = TorchvisionTrunk("resnet18")
        trunk.read(each)
        assert torch.equal(trunk.net.conv1.weight, state["conv1.weight"])
    for wrong in ({**without, "extra": torch.zeros(1)}, dict(list(without.items())[1:])):
        with pytest.raises(RuntimeError, match=r"1 weights are|1 are strange"):
            TorchvisionTrunk("resnet18").read(wrong)
    with pytest.raises(RuntimeError):
        TorchvisionTrunk("resnet18").read(without | {"conv1.weight": torch.zeros(64, 3, 3, 3)})
