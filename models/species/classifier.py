"""A species model at work: photographs in, the probability of each of its classes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch.nn import functional as F

from models.efficientnet_lite import LITE0, LITE2, Trunk
from models.images import resize
from models.species.card import Card, CardInvalid, Preprocessing
from models.species.registry import Model
from models.tensors import to_tensor
from models.weights import WeightsDamaged, read_weights

TRUNKS: dict[str, Callable[[], Trunk]] = {
    "efficientnet_lite0": lambda: Trunk(LITE0),
    "efficientnet_lite2": lambda: Trunk(LITE2),
}
"""Networks as far as the last layer, by the name that cards call them by."""
HEAD = "_fc"
BATCH = 4
"""Views that are looked at together: more do not fit into a CPU's caches and take longer each."""


@dataclass(frozen=True)
class Classifier:
    """A trunk, and the last layer that makes scores of its features."""

    card: Card
    trunk: Trunk
    weight: torch.Tensor
    """(classes, channels)"""
    bias: torch.Tensor
    device: torch.device

    @torch.inference_mode()
    def probabilities(self, photographs: Sequence[Image.Image]) -> list[list[float]]:
        """For each photograph the probability of each class: the mean over its views."""
        views = [views_of(photograph, self.card.preprocessing) for photograph in photographs]
        pictures = torch.cat([to_tensor(view, self.device) for pair in views for view in pair])
        parts = [pictures[first : first + BATCH] for first in range(0, len(pictures), BATCH)]
        scores = torch.cat([self.logits(part) for part in parts])
        found = F.softmax(scores / self.card.calibration.temperature, dim=1)
        mean = found.view(len(views), -1, found.shape[1]).mean(1)
        lists: list[list[float]] = mean.double().tolist()
        return lists

    def logits(self, pictures: torch.Tensor) -> torch.Tensor:
        """Scores (N, classes) of pictures (N, 3, H, W) in 0..1."""
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        return F.linear(self.trunk(pictures).mean((2, 3)), self.weight, self.bias)

    def cells(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (N, classes, h, w) of each cell of pictures (N, 3, H, W) in 0..1, a cell for each
        32 pixels, whose mean over cells is `logits`; and features (N, C, 2h, 2w) half as deep.

        The last layer is applied as a 1x1 convolution (OverFeat, arXiv:1312.6229).
        """
        body = self.trunk.body
        half, last = f"{body.middle[-1]}", f"{body.deep[-1]}"
        found = body(pictures.contiguous(memory_format=torch.channels_last), [half, last])
        features = F.relu6(self.trunk.head(found[last]))
        return F.conv2d(features, self.weight[..., None, None], self.bias), found[half]


def views_of(photograph: Image.Image, how: Preprocessing) -> list[Image.Image]:
    """The middle of the photograph as the network wants it, and its mirror image."""
    shorter = min(photograph.size) * how.share
    left, top = (round((side - shorter) / 2) for side in photograph.size)
    middle = photograph.convert("RGB").crop(
        (left, top, left + round(shorter), top + round(shorter))
    )
    seen = resize(middle, how.pixels, how.pixels)
    return [seen, seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]


def load_classifier(model: Model, device: torch.device) -> Classifier:
    """The model on `device`. Raises `CardInvalid` where its weights are not what the card says."""
    card = model.card
    if card.backbone not in TRUNKS:
        raise CardInvalid(f"{card.name}: there is no network called {card.backbone}.")
    trunk = TRUNKS[card.backbone]()
    try:
        state = read_weights(model.weights)
        trunk.read(state)
        weight, bias = state[f"{HEAD}.weight"], state[f"{HEAD}.bias"]
    except (WeightsDamaged, KeyError, RuntimeError) as error:
        raise CardInvalid(f"{card.name}: its weights are not those of {card.backbone}.") from error
    if weight.shape != (len(card.classes), trunk.channels) or bias.shape != weight.shape[:1]:
        raise CardInvalid(f"{card.name}: its weights have {len(bias)} classes, its card another.")
    trunk.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
    return Classifier(card, trunk, weight.to(device), bias.to(device), device)
