"""The painters: each a network and what it looks at."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from PIL import Image

from models.backbones import Backbone, load_backbone
from models.style.engine import Step, paint
from models.style.options import PaintOptions
from models.style.recipe import Recipe
from models.weights import Weights

LIGHT = Recipe(
    network="efficientnet_lite0",
    style=dict.fromkeys(
        ("stem", "0", "1.depth", "2", "3.depth", "4", "5.depth", "7", "8.depth", "10"), 1.0
    ),
    content={"2": 1.0, "4": 1.0},
    balance=10.0,
    palette=0.4,
    roughness=0.5,
    chroma=15.0,
    evaluations=75,
    decay=0.58,
    one_thread_below=100_000,
)
CLASSIC = Recipe(
    network="vgg19",
    style=dict.fromkeys(("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"), 1.0),
    content={"relu4_2": 1.0},
    balance=10.0,
    palette=0.4,
    roughness=0.5,
    chroma=15.0,
    evaluations=80,
    decay=0.5,
    one_thread_below=0,
)
RECIPES = {
    "light": LIGHT,
    "classic": CLASSIC,
    "classic-vgg16": replace(CLASSIC, network="vgg16"),
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
