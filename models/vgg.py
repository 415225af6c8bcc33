"""VGG-16 and VGG-19 (Simonyan and Zisserman, arXiv:1409.1556) as far as their last convolution."""

import copy
from collections.abc import Callable, Collection

import torch
from torch import nn
from torch.nn import functional as F

from models.padding import replicate
from models.sections import Activations, Section, reach_of, run_through
from models.weights import State

Run = Callable[[torch.Tensor, Collection[str]], tuple[Activations, torch.Tensor]]
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
WIDTHS = (64, 128, 256, 512, 512)
# Maxima of 2 x 2 activations over their averages, root mean square: 1.3, 1.4, 1.5 and 1.8 from the
# first pooling to the fourth (VGG-16, ten photographs).
GAIN = 1.5


class VGG(nn.Module):
    """Taps are the paper's names: relu1_1 to relu5_3 (VGG-16) or relu5_4 (VGG-19)."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, depths: tuple[int, ...], widths: tuple[int, ...] = WIDTHS) -> None:
        """How many convolutions each block has, and how many channels each of these."""
        super().__init__()
        self.depths, self.widths = depths, widths
        self.pooling, self.gain = "average", 1.0
        self.layers = nn.ModuleDict()
        self.indices: dict[str, int] = {}  # of each convolution in torchvision's `features`
        channels, index = 3, 0
        for block, (width, depth) in enumerate(zip(widths, depths, strict=True), 1):
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

    def convolution(self, tap: str) -> nn.Conv2d:
        """The one whose rectified output a tap shows."""
        layer = self.layers[tap]
        assert isinstance(layer, nn.Conv2d)
        return layer

    def root(self, tap: str) -> torch.Tensor | None:
        """R (C, C) by which a tap's activations f are measured, as R f; None: as they are."""
        return None

    def read(self, state: State) -> None:
        """Take torchvision's weights (`features.N.weight`), with or without the classifier.

        Raises `KeyError` or `RuntimeError` when they are another network's.
        """
        for tap, index in self.indices.items():
            self.layers[tap].load_state_dict(
                {part: state[f"features.{index}.{part}"] for part in ("weight", "bias")}
            )

    def pooled(self, pooling: str, rescaled: bool) -> "VGG":
        """The same network, its weights shared, with `average` or `max` pooling.

        `rescaled`: averages are brought up to the size of the maxima that the network was trained
        with, so that deeper layers see what they expect.
        """
        twin = copy.copy(self)
        twin.pooling = pooling
        twin.gain = GAIN if rescaled and pooling == "average" else 1.0
        return twin

    @property
    def sections(self) -> tuple[Section, Section]:
        """Cut after the third pooling, where a stride of 8 leaves 256 channels."""
        deep = self._section(self._deep_blocks, self._deep, 64)
        return self._section((1, 2, 3), self._shallow, 512), deep

    @property
    def _deep_blocks(self) -> tuple[int, ...]:
        return tuple(range(4, len(self.depths) + 1))

    def _section(self, blocks: tuple[int, ...], run: Run, tile: int) -> Section:
        strides: dict[str, int] = {}
        layers: list[tuple[int, int]] = []
        stride = 1
        for block in blocks:
            names = self._names(block)
            strides |= dict.fromkeys(names, stride)
            layers += [(3, 1)] * len(names) + [(1, 2)]
            stride *= 2
        return Section(run, strides, stride, reach_of(layers), tile)

    def forward(self, pictures: torch.Tensor, wanted: Collection[str]) -> Activations:
        """Activations at `wanted` taps of pictures (N, 3, H, W) in 0..1; nothing deeper runs."""
        return run_through(self.sections, pictures, wanted)

    def _shallow(
        self, pictures: torch.Tensor, wanted: Collection[str]
    ) -> tuple[Activations, torch.Tensor]:
        scaled = ((pictures - self.mean) / self.std).to(next(self.parameters()).dtype)
        return self._blocks(scaled, (1, 2, 3), wanted)

    def _deep(self, x: torch.Tensor, wanted: Collection[str]) -> tuple[Activations, torch.Tensor]:
        return self._blocks(x, self._deep_blocks, wanted)

    def _blocks(
        self, x: torch.Tensor, blocks: tuple[int, ...], wanted: Collection[str]
    ) -> tuple[Activations, torch.Tensor]:
        """Through some blocks and the pooling after each; not deeper than the deepest tap."""
        deepest = max(self.taps.index(tap) for tap in wanted)
        found: Activations = {}
        for block in blocks:
            for tap in self._names(block):
                if self.taps.index(tap) > deepest:
                    return found, x
                x = F.relu(self.layers[tap](replicate(x, 1, 1, 1, 1)), inplace=True)
                if tap in wanted:
                    found[tap] = x
            x = self._pool(x)
        return found, x

    def _pool(self, x: torch.Tensor) -> torch.Tensor:
        if self.pooling == "max":
            return F.max_pool2d(x, 2, ceil_mode=True)
        # The paper recommends averages, because gradients then reach every pixel.
        return F.avg_pool2d(x, 2, ceil_mode=True) * self.gain

    def _names(self, block: int) -> list[str]:
        return [tap for tap in self.taps if tap.startswith(f"relu{block}_")]
