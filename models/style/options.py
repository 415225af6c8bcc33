"""What a person can choose about a painting."""

import re
from dataclasses import dataclass
from math import ceil

from models.options import InvalidOption, Options, option

PAINTERS = ("merian", "light", "classic", "classic-vgg16", "paper", "paper-vgg16")
QUICK = ("merian", "light")
"""Painters that a CPU is quick with, too."""
MAX_STYLES = 4
NUMBERS = r"\s*\d+(\.\d+)?(\s*,\s*\d+(\.\d+)?)*\s*"
LAYERS = r"\s*[\w.]+\s*=\s*\d+(\.\d+)?(\s*,\s*[\w.]+\s*=\s*\d+(\.\d+)?)*\s*"


@dataclass(frozen=True)
class PaintOptions(Options):
    """Settings of one painting. The same everywhere: form, API, command line, docs."""

    size: int = option(
        512, "Longer side of the painting.", minimum=64, maximum=8192, step=64, unit="px"
    )
    strength: float = option(
        0.5,
        "How strongly the style shows: 0 keeps the photograph, 1 is nearly all paint.",
        minimum=0.0, maximum=1.0, step=0.05,
    )  # fmt: skip
    quality: str = option(
        "standard",
        "How long the painter works: draft for a first look, fine for print.",
        choices=("draft", "standard", "fine"),
    )
    colours: str = option(
        "style",
        "Where colours come from: the style, the photograph (only light and shade are painted), "
        "or the style with its colours first matched to the photograph's, by their histogram or "
        "their covariance.",
        choices=("style", "photograph", "histogram", "covariance"),
    )
    style_scale: float = option(
        1.0, "How large the strokes are: below 1 finer, above 1 broader.",
        minimum=0.25, maximum=4.0, step=0.05,
    )  # fmt: skip
    detail: float = option(
        0.0, "How strongly edges and faces of the photograph are kept.",
        minimum=0.0, maximum=1.0, step=0.05,
    )  # fmt: skip
    smoothness: float = option(
        0.5, "How strongly noise between neighbouring pixels is calmed.",
        minimum=0.0, maximum=1.0, step=0.05,
    )  # fmt: skip
    painter: str = option(
        "merian",
        "The network that looks at the pictures: merian is our own, small and taught by VGG-16; "
        "light is a little quicker, with livelier colours and softer lines; classic is the paper's "
        "VGG-19, classic-vgg16 its smaller sister; paper and paper-vgg16 keep to the paper's "
        "formulas, from noise and at one scale.",
        choices=PAINTERS,
    )
    style_weights: str = option(
        "",
        "How much each style counts, in their order, as in 2,1. Nothing: all the same.",
        pattern=NUMBERS,
    )
    start: str = option(
        "auto",
        "What the painting begins with: auto leaves it to the painter (noise for paper, else the "
        "photograph).",
        choices=("auto", "photograph", "noise", "blend"),
    )
    optimizer: str = option(
        "lbfgs",
        "How the painting is improved: L-BFGS, or Adam with averaged iterates.",
        choices=("lbfgs", "adam"),
    )
    pooling: str = option(
        "average",
        "How VGG makes its view coarser; light and merian have no choice.",
        choices=("average", "max"),
    )
    layers: str = option(
        "",
        "Layers whose style is matched, each with its weight lambda, as in relu1_1=0.5,relu3_1=1. "
        "Nothing: the painter's own.",
        pattern=LAYERS,
    )
    alpha: float = option(
        0.0, "Weight of the content. With beta also 0, strength decides.",
        minimum=0.0, maximum=1e9,
    )  # fmt: skip
    beta: float = option(
        0.0, "Weight of the style. With alpha also 0, strength decides.",
        minimum=0.0, maximum=1e9,
    )  # fmt: skip
    scales: int = option(
        0, "From how many sizes, each twice the one before, the painting grows. 0: all that help.",
        minimum=0, maximum=8, step=1,
    )  # fmt: skip
    steps: int = option(
        0, "Evaluations at the coarsest size; finer ones get fewer. 0: quality decides.",
        minimum=0, maximum=10_000, step=1,
    )  # fmt: skip
    seed: int = option(
        0, "Repeats a painting: the same seed and settings give the same picture.",
        minimum=0, maximum=2**31 - 1, step=1,
    )  # fmt: skip
    format: str = option(
        "png",
        "The file: PNG, JPEG, WebP, or TIFF with 8 or 16 bits a channel.",
        choices=("png", "jpeg", "webp", "tiff", "tiff16"),
    )
    metadata: bool = option(
        True, "Whether the file says how to repaint it: settings and seed, nothing else."
    )

    @property
    def style_size(self) -> int:
        """Pixels of a style's longer side that can be of use."""
        return ceil(self.size * max(1.0, self.style_scale))

    def weights_of(self, styles: int) -> tuple[float, ...]:
        """What each of so many styles counts, summing to 1. Raises `InvalidOption`."""
        if not self.style_weights:
            return (1 / styles,) * styles
        weights = [float(word) for word in self.style_weights.split(",")]
        if len(weights) != styles:
            raise InvalidOption("style_weights", f"needs one weight a style: {styles}.")
        if not sum(weights):
            raise InvalidOption("style_weights", "needs one weight above 0.")
        return tuple(weight / sum(weights) for weight in weights)

    def lambdas(self) -> dict[str, float]:
        """The layers named in `layers` with their weights; none: the painter's own."""
        pairs = re.findall(r"([\w.]+)\s*=\s*([\d.]+)", self.layers)
        return {layer: float(weight) for layer, weight in pairs}
