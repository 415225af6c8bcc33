"""A species model at work: photographs in, the probability of each of its classes out."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch.nn import functional as F

from models.images import resize
from models.species.answers import Seen
from models.species.card import Card, CardInvalid, Preprocessing
from models.species.familiarity import Familiarity
from models.species.registry import Model
from models.species.trunks import AnyTrunk, build_trunk, pooled
from models.tensors import to_tensor
from models.torchvision_trunk import UnknownNetwork
from models.weights import State, WeightsDamaged, read_weights

PACKAGED_HEAD = "_fc"
"""The last layer in a file of ImageNet's weights; files of ours call it `head`."""
OURS = "trunk."
BATCH = 4
"""Views that are looked at together: more do not fit into a CPU's caches and take longer each."""


@dataclass(frozen=True)
class Classifier:
    """A trunk, and the last layer that makes scores of its features."""

    card: Card
    trunk: AnyTrunk
    weight: torch.Tensor
    """(classes, channels)"""
    bias: torch.Tensor
    device: torch.device
    familiarity: Familiarity | None = None

    @torch.inference_mode()
    def look(self, photographs: Sequence[Image.Image]) -> list[Seen]:
        """What is seen in each photograph: its views together."""
        views = [views_of(photograph, self.card.preprocessing) for photograph in photographs]
        pictures = torch.cat([to_tensor(view, self.device) for pair in views for view in pair])
        return self.seen(pictures.view(len(views), -1, *pictures.shape[1:]))

    @torch.inference_mode()
    def seen(self, views: torch.Tensor) -> list[Seen]:
        """What is seen in each of N photographs, of the views (N, V, 3, H, W) in 0..1.

        Scores are averaged over the views; the temperature was fitted on such means.
        """
        pictures = views.flatten(0, 1)
        parts = [pictures[first : first + BATCH] for first in range(0, len(pictures), BATCH)]
        features = torch.cat([pooled(self.trunk, part) for part in parts])
        deep = features[:, : self.trunk.channels].view(*views.shape[:2], -1)
        scores = F.linear(deep, self.weight, self.bias).mean(1)
        found = F.softmax(scores / self.card.calibration.temperature, dim=1).double().tolist()
        if self.familiarity is None:
            return [Seen(probabilities) for probabilities in found]
        familiarity = self.familiarity(features, self.trunk.channels)
        known = familiarity.view(views.shape[:2]).mean(1).double().tolist()
        return [Seen(*both) for both in zip(found, known, strict=True)]

    def logits(self, pictures: torch.Tensor) -> torch.Tensor:
        """Scores (N, classes) of pictures (N, 3, H, W) in 0..1."""
        cells: torch.Tensor = self.trunk(pictures.contiguous(memory_format=torch.channels_last))
        return F.linear(cells.mean((2, 3)), self.weight, self.bias)

    def cells(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (N, classes, h, w) of each cell of pictures (N, 3, H, W) in 0..1, a cell for each
        32 pixels, whose mean over cells is `logits`; and features (N, C, 2h, 2w) half as deep.

        The last layer is applied as a 1x1 convolution (OverFeat, arXiv:1312.6229).
        """
        features, half = self.trunk.maps(pictures.contiguous(memory_format=torch.channels_last))
        return F.conv2d(features, self.weight[..., None, None], self.bias), half


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
    try:
        trunk = build_trunk(card.backbone)
        state = read_weights(model.weights)
        weight, bias = read_trunk(trunk, state)
        familiarity = read_familiarity(state, device)
    except UnknownNetwork as error:
        raise CardInvalid(f"{card.name}: {error}") from error
    except (WeightsDamaged, KeyError, RuntimeError) as error:
        raise CardInvalid(f"{card.name}: its weights are not those of {card.backbone}.") from error
    if weight.shape != (len(card.classes), trunk.channels) or bias.shape != weight.shape[:1]:
        raise CardInvalid(f"{card.name}: its weights have {len(bias)} classes, its card another.")
    trunk.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
    return Classifier(card, trunk, weight.to(device), bias.to(device), device, familiarity)


def read_trunk(trunk: AnyTrunk, state: State) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the trunk its weights; the last layer's. Raises `KeyError` or `RuntimeError`."""
    if any(name.startswith(OURS) for name in state):
        body = {name.removeprefix(OURS): state[name] for name in state if name.startswith(OURS)}
        trunk.load_state_dict(body)
        return state["head.weight"], state["head.bias"]
    trunk.read(state)
    return state[f"{PACKAGED_HEAD}.weight"], state[f"{PACKAGED_HEAD}.bias"]


def read_familiarity(state: State, device: torch.device) -> Familiarity | None:
    if "familiarity.weight" not in state:
        return None
    return Familiarity(*(state[f"familiarity.{part}"].to(device) for part in ("weight", "bias")))
