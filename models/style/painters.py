"""The painters: each a network and what it looks at."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from PIL import Image

from models.backbones import Backbone, load_backbone
from models.style.engine import Recipe, Step, paint
from models.style.options import PaintOptions
from models.weights import Weights

LIGHT = Recipe(
    network="efficientnet_lite0",
    style={"colour": 1.0, "stem": 1.0, "0": 1.0, "2": 1.0, "4": 1.0, "7": 1.0, "10": 1.0},
    content={"4": 1.0},
    balance=1.0,
    smoothness=2.0,
    chroma=5.0,
    evaluations=80,
    decay=0.65,
)
CLASSIC = Recipe(
    network="vgg19",
    style={
        "colour": 1.0, "relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0, "relu4_1": 1.0,
        "relu5_1": 1.0,
    },
    content={"relu4_2": 1.0},
    balance=1.0,
    smoothness=2.0,
    chroma=5.0,
    evaluations=80,
    decay=0.5,
)  # fmt: skip
RECIPES = {
    "light": LIGHT,
    "classic": CLASSIC,
    "classic-vgg16": Recipe(**{**CLASSIC.__dict__, "network": "vgg16"}),
}


@dataclass(frozen=True)
class Painter:
    """A network on its device, ready to paint."""

    network: Backbone
    recipe: Recipe
    device: torch.device

    def paint(
        self, content: Image.Image, styles: Sequence[Image.Image], options: PaintOptions
    ) -> Generator[Step, None, None]:
        """Paint `content` in the manner of one or more `styles`: see `engine.paint`."""
        return paint(self.network, self.recipe, self.device, content, styles, options)


def load_painter(name: str, device: torch.device, weights: Weights) -> Painter:
    """The painter called `name`, one of `PAINTERS`. Slow: keep it.

    Raises `WeightsMissing` or `WeightsDamaged`.
    """
    recipe = RECIPES[name]
    return Painter(load_backbone(recipe.network, device, weights), recipe, device)
