"""An independent judge of paintings: a ResNet-50 that no painter optimises."""

from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, ImageOps
from torch import nn
from torchvision.models import resnet50

from models.images import fit, resize
from models.style.losses import gram, relative_distance
from models.tensors import to_tensor
from models.vgg import MEAN, STD
from models.weights import read_weights

LARGEST = 512
"""Pixels on the longer side to which larger pictures are scaled down before they are judged."""
STAGES = ("layer1", "layer2", "layer3")
Seen = dict[str, torch.Tensor]


class Judge:
    """A network that looks at pictures as no painter does."""

    def __init__(self, weights: Path, device: torch.device | None = None) -> None:
        """`weights`: a ResNet-50 with torchvision's names, of the v1 variant (see `_v1`)."""
        network = resnet50(weights=None)
        network.load_state_dict(read_weights(weights))
        _v1(network)
        self.device = device or torch.device("cpu")
        self.network = network.eval().requires_grad_(False).to(self.device)

    @torch.no_grad()
    def look(self, picture: Image.Image) -> Seen:
        """Activations by stage."""
        mean, std = (torch.tensor(v, device=self.device).view(1, 3, 1, 1) for v in (MEAN, STD))
        x = (to_tensor(picture, self.device) - mean) / std
        net = self.network
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        seen = {}
        for stage in STAGES:
            x = getattr(net, stage)(x)
            seen[stage] = x
        return seen


@dataclass(frozen=True)
class Critic:
    """A judge of the paintings of one pair at one size. Distances are means over the stages."""

    judge: Judge
    size: tuple[int, int]
    content: Seen
    """The photograph's activations."""
    style: Seen
    """The style's Grams."""
    content_of_style: float
    """How far the untouched style, cropped to the photograph's shape, is from the photograph."""
    style_of_content: float
    """How far the untouched photograph is from the style."""

    @classmethod
    def of(cls, judge: Judge, content: Image.Image, style: Image.Image, size: int) -> "Critic":
        """`size`: the paintings' longer side. The style is judged at that size, as it is painted,
        and never enlarged."""
        size = min(size, LARGEST)
        photograph = fit(content, size)
        seen = judge.look(photograph)
        cropped = judge.look(ImageOps.fit(style, photograph.size, Image.Resampling.LANCZOS))
        manner = _grams(judge.look(fit(style, min(size, max(style.size)))))
        controls = _distance(cropped, seen), _distance(_grams(seen), manner)
        return cls(judge, photograph.size, seen, manner, *controls)

    def distances(self, painting: Image.Image) -> tuple[float, float]:
        """Content and style distance, each over its copy control."""
        seen = self.judge.look(resize(painting, *self.size))
        return (
            _distance(seen, self.content) / self.content_of_style,
            _distance(_grams(seen), self.style) / self.style_of_content,
        )


def judge_in(folder: Path, device: torch.device | None = None) -> Judge:
    """The judge whose weights `folder` has as resnet50*. Raises `FileNotFoundError`."""
    files = sorted(folder.glob("resnet50*"))
    if not files:
        raise FileNotFoundError(f"{folder} has no file resnet50*.")
    return Judge(files[0], device)


def _grams(seen: Seen) -> Seen:
    return {stage: gram(activations) for stage, activations in seen.items()}


def _distance(found: Seen, wanted: Seen) -> float:
    each = [relative_distance(found[stage], wanted[stage]) for stage in STAGES]
    return torch.stack(each).mean().item()


def _v1(network: nn.Module) -> None:
    """Move each stage's stride to its first 1x1 convolution, where the original paper has it."""
    for stage in ("layer2", "layer3", "layer4"):
        first = getattr(network, stage)[0]
        first.conv1.stride, first.conv2.stride = (2, 2), (1, 1)
