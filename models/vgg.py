"""VGG-16 and VGG-19 (Simonyan and Zisserman, arXiv:1409.1556) as far as their last convolution."""

from collections.abc import Collection

import torch
from torch import nn
from torch.nn import functional as F

from models.padding import replicate
from models.weights import State

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
WIDTHS = (64, 128, 256, 512, 512)


class VGG(nn.Module):
    """Taps are the paper's names: relu1_1 to relu5_3 (VGG-16) or relu5_4 (VGG-19)."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, depths: tuple[int, ...]) -> None:
        super().__init__()
        self.layers = nn.ModuleDict()
        self.indices: dict[str, int] = {}  # of each convolution in torchvision's `features`
        channels, index = 3, 0
        for block, (width, depth) in enumerate(zip(WIDTHS, depths, strict=True), 1):
            for layer in range(1, depth + 1):
                self.layers[f"relu{block}_{layer}"] = nn.Conv2d(channels, width, 3)
                self.indices[f"relu{block}_{layer}"] = index
                channels, index = width, index + 2
            index += 1  # the pooling between blocks
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    @property
    def taps(self) -> tuple[str, ...]:
        return tuple(self.layers)

    def read(self, state: State) -> None:
        """Take torchvision's weights (`features.N.weight`), with or without the classifier.

        Raises `KeyError` or `RuntimeError` when they are another network's.
        """
        for tap, index in self.indices.items():
            self.layers[tap].load_state_dict(
                {part: state[f"features.{index}.{part}"] for part in ("weight", "bias")}
            )

    def forward(self, pictures: torch.Tensor, wanted: Collection[str]) -> dict[str, torch.Tensor]:
        """Activations at `wanted` taps of pictures (N, 3, H, W) in 0..1; nothing deeper runs."""
        x = (pictures - self.mean) / self.std
        found: dict[str, torch.Tensor] = {}
        for tap, layer in self.layers.items():
            if tap.endswith("_1") and tap != "relu1_1":
                # Average pooling, as the paper recommends: gradients reach every pixel.
                x = F.avg_pool2d(x, 2, ceil_mode=True)
            x = F.relu(layer(replicate(x, 1, 1, 1, 1)), inplace=True)
            if tap in wanted:
                found[tap] = x
                if len(found) == len(wanted):
                    break
        return found
