"""An independent judge of paintings: a ResNet-50 that no painter optimises."""

from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torchvision.models import resnet50

from models.images import fit
from models.style.losses import gram, relative_distance
from models.tensors import to_tensor
from models.vgg import MEAN, STD
from models.weights import read_weights

SIZE = 256
STAGES = ("layer1", "layer2", "layer3")


class Judge:
    """Distances of a painting to its style and to its content; 0 is a perfect match."""

    def __init__(self, weights: Path) -> None:
        """`weights`: a ResNet-50 with torchvision's names, of the v1 variant (see `_v1`)."""
        network = resnet50(weights=None)
        network.load_state_dict(read_weights(weights))
        _v1(network)
        self.network = network.eval().requires_grad_(False)

    def distances(
        self, painting: Image.Image, content: Image.Image, style: Image.Image
    ) -> tuple[float, float]:
        """Style distance by Grams, content distance by activations, mean over three stages."""
        seen, wanted, manner = (self._look(picture) for picture in (painting, content, style))
        return (
            _mean([relative_distance(gram(seen[s]), gram(manner[s])) for s in STAGES]),
            _mean([relative_distance(seen[s], wanted[s]) for s in STAGES]),
        )

    @torch.no_grad()
    def _look(self, picture: Image.Image) -> dict[str, torch.Tensor]:
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
        x = (to_tensor(fit(picture, SIZE)) - mean) / std
        net = self.network
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        seen = {}
        for stage in STAGES:
            x = getattr(net, stage)(x)
            seen[stage] = x
        return seen


def _mean(values: list[torch.Tensor]) -> float:
    return torch.stack(values).mean().item()


def _v1(network: nn.Module) -> None:
    """Move each stage's stride to its first 1x1 convolution, where the original paper has it."""
    for stage in ("layer2", "layer3", "layer4"):
        first = getattr(network, stage)[0]
        first.conv1.stride, first.conv2.stride = (2, 2), (1, 1)
