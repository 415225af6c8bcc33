"""EfficientNet-Lite 0 and 2 (Tan and Le, arXiv:1905.11946; Lite has ReLU6 and no squeeze).

Batch normalisation is folded into the convolutions as the weights are read.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import ceil

import torch
from torch import nn
from torch.nn import functional as F

from models.padding import replicate, same
from models.sections import Activations, Section, run_through
from models.weights import State

Run = Callable[[torch.Tensor, Collection[str]], tuple[Activations, torch.Tensor]]
STEM, HEAD = 32, 1280
# Repeats, kernel, stride, expansion, width of each stage of Lite0.
STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip
SECTIONS = 3, 5, 7  # at which stages sections end
EPSILON = 1e-3  # of the batch normalisation, TensorFlow's


@dataclass(frozen=True)
class Size:
    """One of the family, by what Lite0 is multiplied with."""

    width: float
    depth: float

    def channels(self, width: int) -> int:
        """A stage's width: to the nearest multiple of 8, never a tenth less."""
        scaled = width * self.width
        rounded = max(8, int(scaled + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * scaled else rounded

    def repeats(self, stage: int) -> int:
        """The first and the last stage are not repeated more often."""
        scaled = 0 < stage < len(STAGES) - 1
        return ceil(STAGES[stage][0] * self.depth) if scaled else STAGES[stage][0]


LITE0, LITE2 = Size(1.0, 1.0), Size(1.1, 1.2)


class Convolution(nn.Conv2d):
    """A convolution padded as TensorFlow does: with zeros where `dark`, else borders continue."""

    dark = False

    def forward(self, x: torch.Tensor, relu6: bool = False) -> torch.Tensor:
        """`relu6`: of what that makes of `x`."""
        down, across = (same(size, self.kernel_size[0], self.stride[0]) for size in x.shape[2:])
        if self.dark:
            return self._zero_padded(F.relu6(x, inplace=True) if relu6 else x, down, across)
        return super().forward(replicate(x, *down, *across, relu6=relu6))

    def _zero_padded(
        self, x: torch.Tensor, down: tuple[int, int], across: tuple[int, int]
    ) -> torch.Tensor:
        """Equal margins are the convolution's own padding, which costs no copy of `x`."""
        if down[0] != down[1] or across[0] != across[1]:
            return super().forward(F.pad(x, (*across, *down)))
        margin = down[0], across[0]
        return F.conv2d(x, self.weight, self.bias, self.stride, margin, 1, self.groups)

    def read(self, state: State, convolution: str, norm: str) -> None:
        """Take a convolution's weights with the batch normalisation after it folded in."""
        scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + EPSILON).sqrt()
        weight = state[f"{convolution}.weight"] * scale.view(-1, 1, 1, 1)
        bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
        self.load_state_dict({"weight": weight, "bias": bias})


class Block(nn.Module):
    """An inverted bottleneck: expand, filter each channel, project; a skip if shapes agree."""

    def __init__(self, channels: int, kernel: int, stride: int, expansion: int, width: int) -> None:
        super().__init__()
        inner = channels * expansion
        self.expand = Convolution(channels, inner, 1) if expansion > 1 else None
        self.depthwise = Convolution(inner, inner, kernel, stride, groups=inner)
        self.project = Convolution(inner, width, 1)
        self.skips = stride == 1 and channels == width

    def read(self, state: State, prefix: str) -> None:
        if self.expand is not None:
            self.expand.read(state, f"{prefix}._expand_conv", f"{prefix}._bn0")
        self.depthwise.read(state, f"{prefix}._depthwise_conv", f"{prefix}._bn1")
        self.project.read(state, f"{prefix}._project_conv", f"{prefix}._bn2")

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The activations after the depthwise convolution, and the block's output."""
        expand, filtered = self.expand, self.depthwise
        inner = filtered(x) if expand is None else filtered(expand(x), relu6=True)
        inner = F.relu6(inner, inplace=True)
        out = self.project(inner)
        return inner, (out + x if self.skips else out)


class EfficientNetLite(nn.Module):
    """Taps: `stem`, then for each block N its inner activations `N.depth` and its output `N`."""

    pooling = "none"

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.stem = Convolution(3, STEM, 3, 2)
        self.blocks = nn.ModuleList()
        channels, ends = STEM, []
        for stage, (_, kernel, stride, expansion, width) in enumerate(STAGES):
            for repeat in range(size.repeats(stage)):
                step = 1 if repeat else stride
                self.blocks.append(Block(channels, kernel, step, expansion, size.channels(width)))
                channels = size.channels(width)
            ends.append(len(self.blocks))
        cuts = [0, *(ends[stage - 1] for stage in SECTIONS)]
        self.shallow, self.middle, self.deep = map(range, cuts[:-1], cuts[1:])

    @property
    def taps(self) -> tuple[str, ...]:
        blocks = range(len(self.blocks))
        return "stem", *(tap for block in blocks for tap in (f"{block}.depth", f"{block}"))

    def root(self, tap: str) -> torch.Tensor | None:
        """Activations are measured as they are: see `VGG.root`."""
        return None

    def read(self, state: State) -> None:
        """Take the weights under the names of the efficientnet_pytorch family.

        Raises `KeyError` or `RuntimeError` when they are another network's.
        """
        self.stem.read(state, "_conv_stem", "_bn0")
        for index in range(len(self.blocks)):
            self._block(index).read(state, f"_blocks.{index}")

    def pooled(self, pooling: str, rescaled: bool) -> "EfficientNetLite":
        """Itself: its convolutions stride, it has nothing that pools."""
        return self

    @property
    def sections(self) -> tuple[Section, ...]:
        """Cut where a stride of 8 leaves 40 channels, and before the next coarser grid."""
        return (
            self._section(self.shallow, self._shallow, 1, 2, 384),
            self._section(self.middle, self._middle, 0, 1, 96),
            self._section(self.deep, self._deep, 0, 1, 64),
        )

    def _section(self, blocks: range, run: Run, reach: int, stride: int, tile: int) -> Section:
        """`reach` and `stride` of what comes before the blocks."""
        strides = {"stem": stride} if stride > 1 else {}
        for index in blocks:
            depthwise = self._block(index).depthwise
            reach += (depthwise.kernel_size[0] - 1) // 2 * stride
            stride *= depthwise.stride[0]
            strides |= {f"{index}.depth": stride, f"{index}": stride}
        return Section(run, strides, stride, reach, tile)

    def forward(self, pictures: torch.Tensor, wanted: Collection[str]) -> Activations:
        """Activations at `wanted` taps of pictures (N, 3, H, W) in 0..1; nothing deeper runs."""
        return run_through(self.sections, pictures, wanted)

    def _shallow(
        self, pictures: torch.Tensor, wanted: Collection[str]
    ) -> tuple[Activations, torch.Tensor]:
        scaled = ((pictures * 255.0 - 127.0) / 128.0).to(self.stem.weight.dtype)
        x = F.relu6(self.stem(scaled), inplace=True)
        found, out = self._blocks(x, self.shallow, wanted)
        return ({"stem": x} | found if "stem" in wanted else found), out

    def _middle(self, x: torch.Tensor, wanted: Collection[str]) -> tuple[Activations, torch.Tensor]:
        return self._blocks(x, self.middle, wanted)

    def _deep(self, x: torch.Tensor, wanted: Collection[str]) -> tuple[Activations, torch.Tensor]:
        return self._blocks(x, self.deep, wanted)

    def _blocks(
        self, x: torch.Tensor, blocks: range, wanted: Collection[str]
    ) -> tuple[Activations, torch.Tensor]:
        """Through some blocks; not deeper than the deepest wanted tap."""
        deepest = max((int(tap.partition(".")[0]) for tap in wanted if tap != "stem"), default=-1)
        found: Activations = {}
        for index in blocks:
            if index > deepest:
                break
            inner, x = self._block(index)(x)
            both = (f"{index}.depth", inner), (f"{index}", x)
            found |= {tap: y for tap, y in both if tap in wanted}
        return found, x

    def _block(self, index: int) -> Block:
        block = self.blocks[index]
        assert isinstance(block, Block)
        return block


class Trunk(nn.Module):
    """The network as far as a classifier's last layer: what it was trained for, zeros included."""

    channels = HEAD
    spatial = True

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.body = EfficientNetLite(size)
        self.head = Convolution(size.channels(STAGES[-1][-1]), HEAD, 1)
        for layer in self.modules():
            if isinstance(layer, Convolution):
                layer.dark = True

    @property
    def half_channels(self) -> int:
        """Of the features half as deep."""
        return self.body._block(self.body.middle[-1]).project.out_channels

    def read(self, state: State) -> None:
        """As `EfficientNetLite.read`."""
        self.body.read(state)
        self.head.read(state, "_conv_head", "_bn1")

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Features (N, 1280, h, w) of pictures (N, 3, H, W) in 0..1: a cell for each 32 pixels."""
        last = f"{len(self.body.blocks) - 1}"
        return F.relu6(self.head(self.body(pictures, [last])[last]), inplace=True)

    def maps(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features as `forward` gives them, and features (N, C, 2h, 2w) half as deep."""
        half, last = f"{self.body.middle[-1]}", f"{self.body.deep[-1]}"
        found = self.body(pictures, [half, last])
        return F.relu6(self.head(found[last])), found[half]
